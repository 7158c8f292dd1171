// Logouts that agencies are told of: oidcc-backchannel-rp-initiated-logout-certification-test-plan,
// oidcc-frontchannel-rp-initiated-logout-certification-test-plan.

import { createLocalJWKSet, jwtVerify } from "jose";
import { module } from "../lib/runner.js";
import { Op } from "../lib/op.js";
import { now, random } from "../lib/relying-party.js";
import { metadata } from "./config.js";
import { gone, leave } from "./logout.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** A client at the suite's own server, which the provider calls. */
const client = (channel) => async (kind, variant, told, suite) => {
  const path = `/${channel}/${random(6)}`;
  const { base } = suite.server;
  return {
    path,
    metadata: {
      client_name: `Conformance ${channel}`, redirect_uris: [`${base}/callback`], post_logout_redirect_uris: [`${base}/after`], response_types: ["code"], grant_types: ["authorization_code"],
      scope: "openid", token_endpoint_auth_method: "client_secret_basic", id_token_signed_response_alg: "RS256", require_pkce: false,
      [`${channel}_logout_uri`]: `${base}${path}`, [`${channel}_logout_session_required`]: true,
    },
  };
};

const announced = (channel, also = () => {}) => module(`oidcc-${channel}-logout-discovery-endpoint-verification`, "what is announced", async (op) => {
  metadata(op);
  for (const name of [`${channel}_logout_supported`, `${channel}_logout_session_supported`]) op.check(op.metadata[name] === true, `${name} is true`, "OIDCBCL-2.1");
  op.check(op.metadata.end_session_endpoint, "end_session_endpoint is there", "OIDCRIL-2.1");
  also(op);
});

const after = (op, rp, end, state) => {
  op.check(end.visit.left?.url.href.startsWith(rp.client.post_logout_redirect_uris[0]), `the browser comes back to the client, but it is at: ${end.visit}`, "OIDCRIL-3");
  op.check(end.visit.left.parameters.state === state, "with the state that was sent", "OIDCRIL-3");
};

const BACK = [
  announced("backchannel"),
  module("oidcc-backchannel-rp-initiated-logout", "a logout token arrives", async (op) => {
    const { rp, path } = await op.told();
    const [login, state] = [await op.login(rp, {}, { fresh: true }), random()];
    const call = op.suite.server.next(path);
    call.catch(() => {});
    after(op, rp, await leave(op, login, { id_token_hint: login.id_token, post_logout_redirect_uri: rp.client.post_logout_redirect_uris[0], state }), state);
    const { method, headers, form } = await call;
    op.check(method === "POST" && /x-www-form-urlencoded/.test(headers["content-type"]), "by POST, form-encoded", "OIDCBCL-2.5");
    op.check(Object.keys(form).includes("logout_token"), "with a logout_token", "OIDCBCL-2.5");
    const { payload, protectedHeader } = await jwtVerify(form.logout_token, createLocalJWKSet(op.suite.jwks), { issuer: op.suite.issuer, audience: rp.id, requiredClaims: ["iat", "jti", "exp"] });
    op.check(protectedHeader.alg === rp.client.id_token_signed_response_alg, `signed as id tokens are, not by ${protectedHeader.alg}`, "OIDCBCL-2.6");
    op.advise(protectedHeader.typ === "logout+jwt", "typ is logout+jwt", "OIDCBCL-2.4");
    op.check(payload.events && typeof payload.events[EVENT] === "object", "events has the logout event", "OIDCBCL-2.4");
    op.check(payload.nonce === undefined, "there is no nonce", "OIDCBCL-2.4");
    op.check(payload.sid === login.claims.sid && payload.sid, "sid is that of the id token", "OIDCBCL-2.4");
    op.check(payload.sub === undefined || payload.sub === login.claims.sub, "sub is that of the id token", "OIDCBCL-2.4");
    op.check(Math.abs(now() - payload.iat) < 60 && payload.exp - payload.iat <= 120, "it is of now and good for two minutes at most", "OIDCBCL-2.4");
    await gone(op, rp, login);
  }),
];

const FRONT = [
  announced("frontchannel"),
  module("oidcc-frontchannel-rp-initiated-logout", "the logout page opens the client's address in a frame", async (op) => {
    const { rp, path } = await op.told();
    const [login, state] = [await op.login(rp, {}, { fresh: true }), random()];
    const end = await leave(op, login, { id_token_hint: login.id_token, post_logout_redirect_uri: rp.client.post_logout_redirect_uris[0], state });
    const frame = login.browser.frames.map((address) => new URL(address)).find((address) => address.pathname === path);
    op.check(frame, `a frame opens ${path}; there were ${login.browser.frames}`, "OIDCFCL-3");
    op.check(frame.searchParams.get("iss") === op.suite.issuer, "with iss", "OIDCFCL-3");
    op.check(frame.searchParams.get("sid") === login.claims.sid && login.claims.sid, "with the sid of the id token", "OIDCFCL-3");
    after(op, rp, end, state);
    await gone(op, rp, login);
  }),
];

class ToldOp extends Op {
  async told() {
    const rp = await this.client();
    return { rp, path: rp.path };
  }

  browser() {
    return super.browser(`${this.suite.server.base}/callback`, `${this.suite.server.base}/after`);
  }
}

const plan = (channel, modules) => ({
  name: `oidcc-${channel}-rp-initiated-logout-certification-test-plan`, variants: [{}], modules, prepare: (test) => new ToldOp(test, client(channel)),
  announced: (told) => told[`${channel}_logout_supported`],
});

export const backchannel = plan("backchannel", BACK);
export const frontchannel = plan("frontchannel", FRONT);
