// oidcc-3rdparty-init-login-certification-test-plan.

import { module } from "../lib/runner.js";
import { Op, SUITE } from "../lib/op.js";

const registration = (uri) => ({ client_name: "Conformance third party", redirect_uris: [`${SUITE}/callback`], response_types: ["code"], grant_types: ["authorization_code"], initiate_login_uri: uri });

const MODULES = [
  module("oidcc-3rd_party-init-login", "initiate_login_uri is registered and told", async (op) => {
    const uri = `${SUITE}/initiate`;
    const answer = await op.target.register(registration(uri));
    op.check(answer.status === 201, `registered: ${answer}`, "OIDCR-3.2");
    op.check(answer.json.initiate_login_uri === uri, "the answer has initiate_login_uri", "OIDCR-3.2");
    const { registration_client_uri: where, registration_access_token: token } = answer.json;
    op.check(where && token, "the client may read its registration", "OIDCR-4");
    const read = await op.suite.network.fetch(where, { headers: { authorization: `Bearer ${token}` } });
    op.check(read.status === 200 && read.json.initiate_login_uri === uri, `and reads initiate_login_uri there: ${read}`, "OIDCR-4.3");
    // The third party's link leads to the client, which begins a login as always
    const rp = op.as({ ...answer.json, id_token_signed_response_alg: answer.json.id_token_signed_response_alg });
    const start = new URL(uri);
    start.searchParams.set("iss", op.suite.issuer);
    op.check(start.searchParams.get("iss") === op.suite.issuer, "iss names the provider", "OIDCC-4");
    await op.login(rp, {}, { fresh: true });
  }),
  module("oidcc-3rd_party-init-login-nohttps", "an initiate_login_uri by http", async (op) => {
    const answer = await op.target.register(registration(`${SUITE}/initiate`.replace("https:", "http:")));
    op.refused(answer, ["invalid_client_metadata"]);
  }),
];

export const thirdParty = {
  name: "oidcc-3rdparty-init-login-certification-test-plan", variants: [{}], modules: MODULES, prepare: (test) => new Op(test),
  announced: (told) => told.registration_endpoint,
};
