// oidcc-basic-certification-test-plan, and the same modules with form_post.

import { module } from "../lib/runner.js";
import { Op, SUITE } from "../lib/op.js";
import { random } from "../lib/relying-party.js";

const REDIRECT = `${SUITE}/callback`;

/** The plan registers clients as the original's static_client variant does: a secret by Basic, no PKCE. */
function client(kind, { response_mode: mode }, { scopes_supported: scopes }) {
  const metadata = {
    client_name: `Conformance ${kind}`, redirect_uris: [REDIRECT], response_types: ["code"], grant_types: ["authorization_code", "refresh_token"],
    scope: ["openid", "profile", "email", "address", "phone", "offline_access"].filter((scope) => scopes.includes(scope)).join(" "),
    token_endpoint_auth_method: kind === "post" ? "client_secret_post" : "client_secret_basic", id_token_signed_response_alg: "RS256", require_pkce: false,
    always: mode === "default" ? {} : { response_mode: mode },
  };
  return { metadata };
}

const MODULES = [
  module("oidcc-server", "the whole flow", async (op) => {
    const rp = await op.client();
    const login = await op.login(rp, { scope: "openid profile email" }, { fresh: true });
    op.check(login.id_token, "there is an id token", "OIDCC-3.1.3.3");
    await op.userinfo(rp, login);
  }),

  module("oidcc-response-type-missing", "no response_type", async (op) => {
    const rp = await op.client();
    const request = rp.request({ response_type: null });
    const { visit } = await op.send(rp, request, await op.logged());
    await op.refusedBack(rp, request, visit, ["invalid_request", "unsupported_response_type"]);
  }),

  module("oidcc-userinfo-get", "userinfo by GET", async (op) => {
    const rp = await op.client();
    await op.userinfo(rp, await op.login(rp));
  }),
  module("oidcc-userinfo-post-header", "userinfo by POST, token in the header", async (op) => {
    const rp = await op.client();
    await op.userinfo(rp, await op.login(rp), { method: "POST" });
  }),
  module("oidcc-userinfo-post-body", "userinfo by POST, token in the body", async (op) => {
    const rp = await op.client();
    await op.userinfo(rp, await op.login(rp), { method: "POST", place: "body" });
  }),

  module("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", "no nonce", async (op) => {
    const rp = await op.client();
    const { claims } = await op.login(rp, { nonce: null });
    op.check(claims.nonce === undefined, "the id token has no nonce", "OIDCC-3.1.2.1");
  }),

  ...Object.entries({
    profile: ["name", "family_name", "given_name"], email: ["email", "email_verified"], address: ["address"], phone: ["phone_number"],
    all: ["name", "family_name", "given_name", "email", "address", "phone_number"],
  }).map(([name, claims]) => module(`oidcc-scope-${name}`, `scope ${name} gives its claims at userinfo`, async (op) => {
    const scopes = name === "all" ? ["address", "email", "phone", "profile"] : [name];
    const missing = scopes.filter((scope) => !op.metadata.scopes_supported?.includes(scope));
    if (missing.length) op.skip(`scopes_supported has no ${missing.join(", ")}`);
    const rp = await op.client();
    const told = await op.userinfo(rp, await op.login(rp, { scope: ["openid", ...scopes].join(" ") }));
    const absent = claims.filter((claim) => told[claim] === undefined);
    op.advise(absent.length === 0, `userinfo has ${absent.join(", ")}`, "OIDCC-5.4");
  })),

  module("oidcc-alternate-happy-flow", "scopes and parameters in another order", async (op) => {
    const rp = await op.client();
    const request = rp.request({ scope: "profile openid" });
    request.parameters = Object.fromEntries(Object.entries(request.parameters).reverse());
    await op.userinfo(rp, await op.login(rp, {}, { ...(await op.logged()), prepared: request }));
  }),

  module("oidcc-display-page", "display=page", async (op) => {
    await op.login(await op.client(), { display: "page" }, { fresh: true });
  }),
  module("oidcc-display-popup", "display=popup", async (op) => {
    await op.login(await op.client(), { display: "popup" }, { fresh: true });
  }),

  module("oidcc-prompt-login", "prompt=login asks who is logged in already", async (op) => {
    const rp = await op.client();
    const first = await op.login(rp, {}, { fresh: true });
    await op.wait(1_100);
    const second = await op.login(rp, { prompt: "login" }, first);
    op.check(second.asked.some(proof), "the citizen proves themselves again", "OIDCC-3.1.2.1");
    op.check(first.claims.auth_time === undefined || second.claims.auth_time > first.claims.auth_time, "auth_time is later", "OIDCC-2");
    op.check(second.claims.sub === first.claims.sub, "sub is the same", "OIDCC-2");
  }),

  module("oidcc-prompt-none-not-logged-in", "prompt=none without a session", async (op) => {
    const rp = await op.client();
    const request = rp.request({ prompt: "none" });
    const { visit, asked } = await op.send(rp, request, { browser: op.browser() });
    op.check(asked.length === 0, "nothing is shown", "OIDCC-3.1.2.1");
    const answer = await op.answered(rp, request, visit);
    op.check(["login_required", "interaction_required", "account_selection_required"].includes(answer.error), `login_required, not ${answer.error ?? "a code"}`, "OIDCC-3.1.2.6");
    op.describes(answer);
  }),

  module("oidcc-prompt-none-logged-in", "prompt=none with a session", async (op) => {
    const rp = await op.client();
    const first = await op.login(rp, {}, { fresh: true });
    const second = await op.login(rp, { prompt: "none" }, first);
    op.check(second.asked.length === 0, "nothing is shown", "OIDCC-3.1.2.1");
    op.check(second.claims.sub === first.claims.sub, "sub is the same", "OIDCC-2");
    op.check(second.claims.auth_time === first.claims.auth_time, "auth_time is the same", "OIDCC-2");
  }),

  module("oidcc-max-age-1", "max_age=1 a second later", async (op) => {
    const rp = await op.client();
    const first = await op.login(rp, {}, { fresh: true });
    await op.wait(2_100);
    const second = await op.login(rp, { max_age: "1" }, first);
    op.check(second.asked.some(proof), "the citizen proves themselves again", "OIDCC-3.1.2.1");
    op.check(second.claims.auth_time !== undefined, "auth_time is there", "OIDCC-3.1.2.1");
    op.check(first.claims.auth_time === undefined || second.claims.auth_time > first.claims.auth_time, "auth_time is later", "OIDCC-2");
  }),

  module("oidcc-max-age-10000", "max_age=10000 asks nothing", async (op) => {
    const rp = await op.client();
    const first = await op.login(rp, { max_age: "15000" }, { fresh: true });
    op.check(first.claims.auth_time !== undefined, "auth_time is there", "OIDCC-3.1.2.1");
    const second = await op.login(rp, { max_age: "10000" }, first);
    op.check(!second.asked.some(proof), "nobody is asked again", "OIDCC-3.1.2.1");
    op.check(second.claims.auth_time === first.claims.auth_time, "auth_time is the same", "OIDCC-2");
  }),

  module("oidcc-ensure-request-with-unknown-parameter-succeeds", "extra=foobar", async (op) => {
    await op.login(await op.client(), { extra: "foobar" });
  }),

  module("oidcc-id-token-hint", "prompt=none with id_token_hint", async (op) => {
    const rp = await op.client();
    const first = await op.login(rp);
    const second = await op.login(rp, { prompt: "none", id_token_hint: first.id_token }, first);
    op.check(second.asked.length === 0, "nothing is shown", "OIDCC-3.1.2.1");
    op.check(second.claims.sub === first.claims.sub, "sub is the same", "OIDCC-3.1.2.1");
  }),

  module("oidcc-login-hint", "login_hint", async (op) => {
    await op.login(await op.client(), { login_hint: `buffy@${new URL(op.suite.issuer).hostname}` }, { fresh: true });
  }),
  module("oidcc-ui-locales", "ui_locales=se", async (op) => {
    await op.login(await op.client(), { ui_locales: "se" }, { fresh: true });
  }),
  module("oidcc-claims-locales", "claims_locales=se", async (op) => {
    await op.login(await op.client(), { claims_locales: "se" });
  }),

  module("oidcc-ensure-request-with-acr-values-succeeds", "acr_values as announced", async (op) => {
    const values = op.metadata.acr_values_supported;
    if (!values?.length) op.skip("acr_values_supported is empty");
    const { claims } = await op.login(await op.client(), { acr_values: values.join(" ") });
    op.advise(values.includes(claims.acr), `acr is one of ${values.join(", ")}, not ${claims.acr}`, "OIDCC-5.5.1.1");
  }),

  module("oidcc-codereuse", "a code a second time, at once", (op) => reuse(op, 0)),
  module("oidcc-codereuse-30seconds", "a code a second time, half a minute later", (op) => reuse(op, 30_500), { waits: 31 }),

  module("oidcc-ensure-registered-redirect-uri", "a redirect_uri that is not registered", async (op) => {
    const rp = await op.client();
    const { visit } = await op.send(rp, rp.request({ redirect_uri: `${REDIRECT}/${random(8)}` }), await op.logged());
    op.errorPage(visit);
  }),

  module("oidcc-ensure-post-request-succeeds", "the request by POST", async (op) => {
    await op.login(await op.client(), {}, { ...(await op.logged()), method: "POST" });
  }),

  module("oidcc-server-client-secret-post", "client_secret_post", async (op) => {
    const rp = await op.client("post");
    await op.userinfo(rp, await op.login(rp));
  }),

  module("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", "request_uri to an unsigned object", async (op) => {
    const rp = await op.client();
    const request = rp.request({ request_uri: `${SUITE}/request-object/${random()}` });
    const { visit } = await op.send(rp, request, await op.logged());
    await op.refusedBack(rp, request, visit, ["request_uri_not_supported", "invalid_request_uri", "invalid_request", "invalid_request_object"]);
  }),

  module("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", "an unsigned request object by value", async (op) => {
    const rp = await op.client();
    const { parameters } = rp.request({ nonce: random(), state: random() });
    const request = { parameters: { ...parameters, request: rp.requestObject({ ...parameters, extra: "foobar" }, { key: null }) } };
    const { visit } = await op.send(rp, request, await op.logged());
    const answer = visit.left && (await op.answered(rp, request, visit));
    if (answer?.code) await op.redeem(rp, request, answer);
    else await op.refusedBack(rp, request, visit, ["request_not_supported", "invalid_request_object", "invalid_request"]);
  }),

  module("oidcc-claims-essential", "claims asks name as essential", async (op) => {
    const rp = await op.client();
    const login = await op.login(rp, { claims: JSON.stringify({ userinfo: { name: { essential: true } } }) });
    const told = await op.userinfo(rp, login);
    op.advise(told.name !== undefined, "userinfo has name", "OIDCC-5.5");
  }),

  module("oidcc-ensure-request-object-with-redirect-uri", "the object's redirect_uri wins", async (op) => {
    const rp = await op.client();
    const { parameters } = rp.request();
    const outside = { ...parameters, redirect_uri: `${REDIRECT}/${random(8)}` };
    const request = { parameters };
    const sent = { ...outside, request: rp.requestObject(parameters, { key: null }) };
    const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters: sent });
    const answer = visit.left && (await op.answered(rp, request, visit));
    if (answer?.code) await op.redeem(rp, request, answer);
    else await op.refusedBack(rp, request, visit, ["request_not_supported", "invalid_request_object", "invalid_request"]);
  }),

  module("oidcc-refresh-token", "refresh, and by another client", async (op) => {
    if (op.metadata.grant_types_supported && !op.metadata.grant_types_supported.includes("refresh_token")) op.skip("grant_types_supported has no refresh_token");
    const [rp, other] = [await op.client(), await op.client("second")];
    const login = await op.login(rp, { scope: "openid offline_access", prompt: "consent" }, { fresh: true });
    if (!login.refresh_token) op.skip("the token endpoint gave no refresh_token");
    const refreshed = await op.tokens(rp, await rp.refresh(login.refresh_token));
    op.check(refreshed.access_token !== login.access_token, "the access token is another", "OIDCC-12.2");
    if (refreshed.claims) {
      for (const name of ["iss", "sub", "auth_time"]) op.check(refreshed.claims[name] === login.claims[name], `${name} is the same`, "OIDCC-12.2");
      op.check([login.claims.aud].flat().join() === [refreshed.claims.aud].flat().join(), "aud is the same", "OIDCC-12.2");
      op.check(refreshed.claims.iat >= login.claims.iat, "iat is the time of the refresh", "OIDCC-12.2");
    }
    await op.userinfo(rp, refreshed);
    op.refused(await other.refresh(refreshed.refresh_token ?? login.refresh_token), ["invalid_grant", "invalid_client"], [400, 401]);
  }),

  module("oidcc-ensure-request-with-valid-pkce-succeeds", "PKCE, although not required", async (op) => {
    const rp = await op.client();
    rp.client.require_pkce = true;
    await op.login(rp);
  }),
];

/** Proving oneself, whole or as the person who is known already. */
const proof = (asked) => asked === "credentials" || asked === "presence";

async function reuse(op, milliseconds) {
  const rp = await op.client();
  const login = await op.login(rp, {}, { fresh: true });
  await op.wait(milliseconds);
  op.refused(await rp.redeem(login.request, login.answer), ["invalid_grant"]);
  const after = await rp.userinfo(login.access_token);
  op.advise(after.status === 401, "the tokens of the first use are revoked", "RFC 6749 §4.1.2");
}

const prepare = (test) => new Op(test, client);

export const basic = { name: "oidcc-basic-certification-test-plan", variants: [{ response_mode: "default" }], modules: MODULES, prepare, announced: () => true };
export const formPost = {
  name: "oidcc-formpost-basic-certification-test-plan", variants: [{ response_mode: "form_post" }], modules: MODULES, prepare,
  announced: (metadata) => metadata.response_modes_supported?.includes("form_post"),
};
