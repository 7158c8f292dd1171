// Every plan that we mean to pass, in the order of the original's documentation.

import { basic, formPost } from "./basic.js";
import { config } from "./config.js";
import { signing } from "./fapi2-message-signing.js";
import { security } from "./fapi2-security-profile.js";
import { logout } from "./logout.js";
import { session } from "./session.js";
import { thirdParty } from "./third-party.js";
import { backchannel, frontchannel } from "./told.js";

export const plans = [basic, config, formPost, logout, session, frontchannel, backchannel, thirdParty, security, signing];
