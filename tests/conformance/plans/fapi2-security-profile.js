// fapi2-security-profile-final-test-plan, plain_fapi with OpenID Connect, unsigned requests and plain answers.

import { connect } from "node:tls";
import { module } from "../lib/runner.js";
import { FapiOp, CALLBACK, client } from "../lib/fapi.js";
import { brokenProofs } from "../lib/proofs.js";
import { now, random, signingKey } from "../lib/relying-party.js";
import { metadata } from "./config.js";

const name = (rest) => `fapi2-security-profile-final-${rest}`;
const of = (rest, summary, run, options) => module(name(rest), summary, run, options);

const DPOP = { applies: ({ sender }) => sender === "dpop" };
const ASSERTION = { applies: ({ auth }) => auth === "private_key_jwt" };
const SIGNED = { applies: ({ request }) => request === "signed" };

const BAD_REQUEST = ["invalid_request", "invalid_request_object", "invalid_request_uri"];
const BAD_ASSERTION = ["invalid_client"];
const BAD_GRANT = ["invalid_grant", "invalid_request"];
const MINUTE = 60;

/** A flow with other parameters that must succeed. */
const succeeds = (rest, summary, changes, then = () => {}, options) => of(rest, summary, async (op) => {
  const login = await op.login(await op.client(), changes());
  then(op, login);
}, options);

/** A request that must fail before any code is given. */
const fails = (rest, summary, changes, codes, options) => of(rest, summary, async (op) => {
  const rp = await op.client();
  await op.refusedSomewhere(rp, rp.request(changes(rp)), codes);
}, options);

/** A pushed request whose client assertion is broken. */
const assertionFails = (rest, summary, broken) => of(rest, summary, async (op) => {
  const rp = await op.client();
  op.refused(await rp.push(rp.request(), { assertion: await broken(op, rp) }), BAD_ASSERTION, [400, 401]);
}, ASSERTION);

/** A token request whose client assertion is broken. */
const assertionFailsAtToken = (rest, summary, broken) => of(rest, summary, async (op) => {
  const rp = await op.client();
  await op.refusedAtToken(rp, BAD_ASSERTION, async (request, answer) => rp.redeem(request, answer, { assertion: await broken(op, rp) }));
}, ASSERTION);

export const MODULES = [
  of("discovery-end-point-verification", "metadata as FAPI 2.0 asks for it", async (op) => {
    metadata(op);
    const told = op.metadata;
    op.check(told.pushed_authorization_request_endpoint, "pushed_authorization_request_endpoint is there", "FAPI2-SP-5.3.2.2-5");
    op.check(told.code_challenge_methods_supported?.includes("S256"), "code_challenge_methods_supported has S256", "FAPI2-SP-5.3.2.2-7");
    op.check(told.authorization_response_iss_parameter_supported === true || op.variant.response === "jarm", "iss is in answers", "FAPI2-SP-5.3.2.2-8");
    op.check(told.token_endpoint_auth_methods_supported?.some((method) => /^(private_key_jwt|tls_client_auth|self_signed_tls_client_auth)$/.test(method)), "clients may authenticate by key", "FAPI2-SP-5.3.2.1-6");
    if (op.variant.auth === "private_key_jwt") op.check(told.token_endpoint_auth_signing_alg_values_supported?.some((alg) => ["PS256", "ES256", "EdDSA"].includes(alg)), "assertions by PS256, ES256 or EdDSA", "FAPI2-SP-5.4.1");
    if (op.variant.sender === "dpop") op.check(told.dpop_signing_alg_values_supported?.some((alg) => ["PS256", "ES256", "EdDSA"].includes(alg)), "proofs by PS256, ES256 or EdDSA", "FAPI2-SP-5.4.1");
    if (op.variant.sender === "mtls") op.check(told.tls_client_certificate_bound_access_tokens === true, "tokens are bound to certificates", "RFC 8705 §3.3");
    if (op.variant.request === "signed") op.check(told.request_object_signing_alg_values_supported?.some((alg) => ["PS256", "ES256", "EdDSA"].includes(alg)), "request objects by PS256, ES256 or EdDSA", "FAPI2-MS-5.3.1");
    if (op.variant.response === "jarm") {
      op.check(told.response_modes_supported?.includes("jwt"), "response_modes_supported has jwt", "FAPI2-MS-5.4.1");
      op.check(told.authorization_signing_alg_values_supported?.some((alg) => ["PS256", "ES256", "EdDSA"].includes(alg)), "answers by PS256, ES256 or EdDSA", "JARM-4");
    }
  }),

  of("happy-flow", "two clients, each the whole flow", async (op) => {
    for (const kind of ["first", "second"]) {
      const rp = await op.client(kind);
      const login = await op.login(rp, {}, { fresh: true, beside: { response_type: "code", scope: "openid" } });
      op.check(["PS256", "ES256", "EdDSA"].includes(rp.client.id_token_signed_response_alg), "the id token is signed as FAPI 2.0 asks", "FAPI2-SP-5.4.1");
      await op.userinfo(rp, login);
    }
  }),

  of("user-rejects-authentication", "the citizen says no", async (op) => {
    const rp = await op.client("second");
    const request = rp.request({ prompt: "consent" });
    const { visit } = await op.send(rp, request, { browser: op.browser(), person: await op.target.person(), decision: "deny" });
    const { error } = await op.answered(rp, request, visit);
    op.check(error === "access_denied", `access_denied, not ${error}`, "OIDCC-3.1.2.6");
  }),

  succeeds("ensure-authorization-request-without-state-success", "no state", () => ({ state: null })),
  succeeds("ensure-authorization-request-without-nonce-success", "no nonce", () => ({ nonce: null })),
  succeeds("ensure-authorization-request-with-64-char-nonce-success", "a nonce of 64 characters", () => ({ nonce: "n".repeat(60) + random(3) })),
  succeeds("ensure-other-scope-order-succeeds", "scopes the other way round", () => ({ scope: "email openid" })),

  of("test-claims-parameter-identity-claims", "claims asks for identity claims", async (op) => {
    if (op.metadata.claims_parameter_supported !== true) op.skip("claims_parameter_supported is not true");
    const rp = await op.client();
    const { claims } = await op.login(rp, { claims: JSON.stringify({ id_token: { given_name: { essential: true }, email: null } }) });
    op.advise(claims.given_name !== undefined && claims.email !== undefined, "the id token has given_name and email", "OIDCC-5.5");
  }),

  of("access-token-type-header-case-sensitivity", "dPoP or bEARER", async (op) => {
    const rp = await op.client();
    await op.userinfo(rp, await op.login(rp), { scheme: rp.proof ? "dPoP" : "bEARER" });
  }),

  of("check-dpop-proof-nbf-exp", "proofs with nbf and exp", async (op) => {
    const rp = await op.client();
    const dpop = { nbf: now() - 10, exp: now() + MINUTE };
    await proven(op, rp, dpop);
  }, DPOP),
  of("ensure-dpopproof-with-iat-10seconds-before-succeeds", "proofs ten seconds old", async (op) => {
    await proven(op, await op.client(), { iat: now() - 10 });
  }, DPOP),
  of("ensure-dpopproof-with-iat-10seconds-after-succeeds", "proofs ten seconds ahead", async (op) => {
    await proven(op, await op.client(), { iat: now() + 10 });
  }, DPOP),

  of("ensure-mismatched-dpop-jkt-fails", "dpop_jkt of another key than the proof at PAR", async (op) => {
    const rp = await op.client();
    const { thumbprint } = await signingKey();
    const answer = await rp.push(rp.request({ dpop_jkt: thumbprint }), { withProof: true });
    op.refused(answer, ["invalid_request", "invalid_dpop_proof"]);
  }, DPOP),
  of("ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", "another key at the token endpoint than at PAR", async (op) => {
    const rp = await op.client();
    const key = await signingKey();
    await op.refusedAtToken(rp, ["invalid_dpop_proof", "invalid_grant", "invalid_request"], (request, answer) => rp.redeem(request, answer, { dpop: { key } }), { pushed: { withProof: true } });
  }, DPOP),
  of("ensure-token-endpoint-fails-with-mismatched-dpop-jkt", "another key at the token endpoint than dpop_jkt", async (op) => {
    const rp = await op.client();
    const { thumbprint } = await signingKey();
    await op.refusedAtToken(rp, ["invalid_dpop_proof", "invalid_grant", "invalid_request"], (request, answer) => rp.redeem(request, answer), { changes: { dpop_jkt: thumbprint } });
  }, DPOP),
  of("ensure-dpopproof-at-par-endpoint-binding-success", "the same key at PAR and token endpoint", async (op) => {
    const rp = await op.client();
    await op.login(rp, {}, { ...(await op.logged()), pushed: { withProof: true } });
  }, DPOP),
  of("ensure-dpop-auth-code-binding-success", "dpop_jkt, and the same key everywhere", async (op) => {
    const rp = await op.client();
    await op.login(rp, { dpop_jkt: rp.proof.thumbprint }, { ...(await op.logged()), pushed: { withProof: true } });
  }, DPOP),

  of("ensure-different-nonce-inside-and-outside-request-object", "another nonce beside the request_uri", async (op) => {
    const rp = await op.client();
    await inside(op, rp, rp.request(), { nonce: random() });
  }),
  of("ensure-different-state-inside-and-outside-request-object", "another state beside the request_uri", async (op) => {
    const rp = await op.client();
    await inside(op, rp, rp.request(), { state: random() });
  }),
  of("state-only-outside-request-object-not-used", "a state that was not pushed", async (op) => {
    const rp = await op.client();
    await inside(op, rp, rp.request({ state: null }), { state: random() });
  }),
  of("ensure-authorization-request-with-long-nonce", "a nonce of 384 characters", (op) => long(op, { nonce: "n".repeat(384) })),
  of("ensure-authorization-request-with-long-state", "a state of 384 characters", (op) => long(op, { state: "s".repeat(384) })),

  fails("ensure-request-object-without-redirect-uri-fails", "a request object without redirect_uri", () => ({ redirect_uri: null }), BAD_REQUEST, SIGNED),
  fails("ensure-registered-redirect-uri", "a redirect_uri that is not registered", () => ({ redirect_uri: `${CALLBACK}/${random(6)}` }), ["invalid_request", "invalid_redirect_uri", "invalid_request_object"]),
  of("plain-fapi-tolerate-unregistered-redirect-uri", "a redirect_uri that is not registered: allowed or refused, never half", async (op) => {
    const rp = await op.client();
    const request = rp.request({ redirect_uri: `${CALLBACK}/${random(6)}` });
    const answer = await rp.push(request);
    if (answer.status === 201) {
      const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters: { client_id: rp.id, request_uri: answer.json.request_uri } });
      if (visit.left) await op.redeem(rp, request, await op.answered(rp, request, visit));
      else op.errorPage(visit);
    } else op.refused(answer, ["invalid_request", "invalid_redirect_uri", "invalid_request_object"]);
  }),
  of("ensure-unsigned-authorization-request-without-using-par-fails", "a request that was not pushed", async (op) => {
    const rp = await op.client();
    const request = rp.request();
    const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters: request.parameters });
    await op.refusedBack(rp, request, visit, ["invalid_request", "invalid_request_object", "access_denied"]);
  }),
  fails("ensure-redirect-uri-in-authorization-request", "no redirect_uri", () => ({ redirect_uri: null }), BAD_REQUEST),
  fails("ensure-response-type-code-idtoken-fails", "response_type=code id_token", () => ({ response_type: "code id_token" }), ["unsupported_response_type", "unauthorized_client", ...BAD_REQUEST]),
  fails("ensure-response-type-token-fails", "response_type=token", () => ({ response_type: "token" }), ["unsupported_response_type", "unauthorized_client", ...BAD_REQUEST]),

  of("ensure-client-id-in-token-endpoint", "the client_id of another client at the token endpoint", async (op) => {
    const [rp, other] = [await op.client(), await op.client("second")];
    await op.refusedAtToken(rp, ["invalid_client", ...BAD_GRANT], (request, answer) => rp.redeem(request, answer, { form: { client_id: other.id } }));
  }),
  of("ensure-holder-of-key-required", "no proof of the key, and old TLS", async (op) => {
    const rp = await op.client();
    for (const version of ["TLSv1", "TLSv1.1"]) op.check(!(await speaks(op, version)), `${version} is not spoken`, "FAPI2-SP-5.2.1-1");
    const without = op.variant.sender === "dpop" ? { dpop: null } : { certificate: null };
    await op.refusedAtToken(rp, ["invalid_dpop_proof", "invalid_client", ...BAD_GRANT], (request, answer) => rp.redeem(request, answer, without));
  }),
  of("ensure-authorization-code-is-bound-to-client", "a code of another client", async (op) => {
    const [rp, other] = [await op.client(), await op.client("second")];
    await op.refusedAtToken(rp, ["invalid_grant"], (request, answer) => other.redeem(request, answer), { statuses: [400] });
  }),
  of("attempt-reuse-authorization-code-after-one-second", "a code a second time", async (op) => {
    const rp = await op.client();
    const login = await op.login(rp, {}, { fresh: true });
    await op.wait(1_000);
    op.refused(await rp.redeem(login.request, login.answer), ["invalid_grant"]);
    const after = await rp.userinfo(login.access_token);
    op.advise(after.status === 401, "the tokens of the first use are revoked", "RFC 6749 §4.1.2");
  }),
  of("ensure-token-endpoint-fails-with-expired-auth-code", "a code after its minute", async (op) => {
    const rp = await op.client();
    await op.refusedAtToken(rp, ["invalid_grant"], async (request, answer) => {
      await op.wait(62_000);
      return rp.redeem(request, answer);
    }, { statuses: [400] });
  }, { waits: 62 }),

  assertionFailsAtToken("ensure-signed-client-assertion-with-RS256-fails", "an assertion by RS256", async () => ({ key: await signingKey("RS256") })),
  of("ensure-client-assertion-in-token-endpoint", "no client authentication at the token endpoint", async (op) => {
    const rp = await op.client();
    await op.refusedAtToken(rp, ["invalid_client", "invalid_request"], (request, answer) => rp.redeem(request, answer, { assertion: null }));
  }, ASSERTION),
  assertionFailsAtToken("ensure-client-assertion-with-exp-is-5-minutes-in-past-fails", "an assertion that is over", () => ({ exp: now() - 5 * MINUTE, iat: now() - 6 * MINUTE, nbf: now() - 6 * MINUTE })),
  assertionFailsAtToken("ensure-client-assertion-with-wrong-aud-fails", "an assertion for somebody else", () => ({ aud: "https://other.example" })),
  assertionFailsAtToken("ensure-client-assertion-with-no-sub-fails", "an assertion without sub", () => ({ sub: undefined })),

  of("dpop-negative-tests", "one thing broken in each proof", async (op) => {
    const rp = await op.client();
    const { access_token: token } = await op.login(rp, {}, { fresh: true });
    op.check((await rp.userinfo(token)).status === 200, "a good proof is accepted", "RFC 9449 §7.1");
    for (const [what, proof] of Object.entries(await brokenProofs(rp, token))) {
      const answer = await rp.userinfo(token, { proofs: proof });
      op.check([400, 401].includes(answer.status), `${what} is refused, not ${answer}`, "RFC 9449 §4.3");
      if (answer.status === 401) op.check(/DPoP/i.test(answer.headers["www-authenticate"] ?? ""), `${what}: WWW-Authenticate says DPoP`, "RFC 9449 §7.1");
    }
    const bearer = await rp.userinfo(token, { scheme: "Bearer", proofs: null });
    op.check(bearer.status === 401, `as Bearer without a proof it is refused, not ${bearer}`, "RFC 9449 §7.2");
    const mixed = await rp.userinfo(token, { scheme: "Bearer" });
    op.check([400, 401].includes(mixed.status), `as Bearer with a proof it is refused, not ${mixed}`, "RFC 9449 §7.2");
    op.check((await rp.userinfo(token)).status === 200, "a good proof is still accepted", "RFC 9449 §7.1");
  }, DPOP),

  of("refresh-token", "refresh, and by another client", async (op) => {
    const [rp, other] = [await op.client(), await op.client("second")];
    const login = await op.login(rp, { scope: "openid offline_access", prompt: "consent" }, { fresh: true });
    if (!login.refresh_token) op.skip("the token endpoint gave no refresh_token");
    const refreshed = await op.tokens(rp, await rp.refresh(login.refresh_token));
    op.check(refreshed.access_token !== login.access_token, "the access token is another", "OIDCC-12.2");
    op.check(!refreshed.claims || refreshed.claims.sub === login.claims.sub, "sub is the same", "OIDCC-12.2");
    await op.userinfo(rp, refreshed);
    op.refused(await other.refresh(refreshed.refresh_token ?? login.refresh_token), ["invalid_grant"], [400]);
    const without = op.variant.sender === "dpop" ? { dpop: null } : { certificate: null };
    const loose = await rp.refresh(refreshed.refresh_token ?? login.refresh_token, without);
    op.refused(loose, ["invalid_dpop_proof", "invalid_client", ...BAD_GRANT], [400, 401]);
  }),

  of("par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", "a request_uri opened twice before the citizen goes on", async (op) => {
    const rp = await op.client();
    const [request, browser, person] = [rp.request({ prompt: "login" }), op.browser(), await op.target.person()];
    const parameters = { client_id: rp.id, request_uri: await op.pushed(rp, request) };
    const first = await op.send(rp, request, { browser: op.browser(), person, parameters, until: () => true });
    op.check(!first.visit.left && first.visit.status === 200, `the first visit is shown a page, not ${first.visit}`, "RFC 9126 §4");
    const { visit } = await op.send(rp, request, { browser, person, parameters });
    await op.redeem(rp, request, await op.answered(rp, request, visit));
  }),
  of("par-attempt-reuse-request_uri", "a request_uri after it was used", async (op) => {
    const rp = await op.client();
    const request = rp.request();
    const [who, parameters] = [await op.logged(), { client_id: rp.id, request_uri: await op.pushed(rp, request) }];
    const { visit } = await op.send(rp, request, { ...who, parameters });
    await op.redeem(rp, request, await op.answered(rp, request, visit));
    const again = await op.send(rp, request, { ...who, parameters });
    await op.refusedBack(rp, request, again.visit, ["invalid_request_uri", "invalid_request"]);
  }),
  of("par-attempt-to-use-expired-request_uri", "a request_uri after its time", async (op) => {
    const rp = await op.client();
    const request = rp.request();
    const pushed = await rp.push(request);
    if (pushed.json.expires_in > 90) op.skip(`expires_in is ${pushed.json.expires_in} s: longer than this run waits`);
    await op.wait((pushed.json.expires_in + 2) * 1_000);
    const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters: { client_id: rp.id, request_uri: pushed.json.request_uri } });
    await op.refusedBack(rp, request, visit, ["invalid_request_uri", "invalid_request"]);
  }, { waits: 92 }),
  of("par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted", "an assertion eight seconds ahead", async (op) => {
    const rp = await op.client();
    const ahead = now() + 8;
    await op.pushed(rp, rp.request(), { assertion: { iat: ahead, nbf: ahead, exp: ahead + MINUTE } });
  }, ASSERTION),
  assertionFails("par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails", "an assertion more than a minute ahead", () => ({ iat: now() + 70, nbf: now() + 70, exp: now() + 130 })),
  of("par-attempt-to-use-request_uri-for-different-client", "the request_uri of another client", async (op) => {
    const [rp, other] = [await op.client(), await op.client("second")];
    const request = rp.request();
    const parameters = { client_id: other.id, request_uri: await op.pushed(rp, request) };
    const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters });
    // Two clients, one address: whose answer an error would be is open, so the state need not come back
    if (visit.left) op.check(["invalid_request_uri", "invalid_request"].includes(visit.left.parameters.error) || visit.left.parameters.response, `refused, not ${visit}`, "RFC 9126 §2.2");
    else op.errorPage(visit);
  }),
  of("par-authorization-request-containing-request_uri-form-param", "a request_uri inside a pushed request", async (op) => {
    const rp = await op.client();
    op.refused(await rp.push(rp.request(), { form: { request_uri: `urn:ietf:params:oauth:request_uri:${random()}` } }), ["request_uri_not_supported", ...BAD_REQUEST]);
  }),
  of("par-attempt-invalid-http-method", "PAR by GET", async (op) => {
    const rp = await op.client();
    const endpoint = new URL(rp.endpoint("pushed_authorization_request_endpoint"));
    endpoint.search = new URLSearchParams(rp.request().parameters);
    const answer = await op.suite.network.fetch(endpoint, { method: "GET", certificate: rp.certificate });
    op.check([404, 405, 400].includes(answer.status), `GET is refused: ${answer}`, "RFC 9126 §2.3");
  }),
  fails("par-ensure-pkce-required", "no PKCE", () => ({ code_challenge: null, code_challenge_method: null }), BAD_REQUEST),
  of("ensure-pkce-code-verifier-required", "no code_verifier", async (op) => {
    const rp = await op.client();
    await op.refusedAtToken(rp, BAD_GRANT, (request, answer) => rp.redeem(request, answer, { form: { code_verifier: null } }), { statuses: [400] });
  }),
  of("incorrect-pkce-code-verifier-rejected", "another code_verifier", async (op) => {
    const rp = await op.client();
    await op.refusedAtToken(rp, BAD_GRANT, (request, answer) => rp.redeem(request, answer, { form: { code_verifier: random(32) } }), { statuses: [400] });
  }),
  of("par-plain-pkce-rejected", "plain PKCE", async (op) => {
    const rp = await op.client();
    const request = rp.request({ code_challenge_method: "plain" });
    request.parameters.code_challenge = request.verifier;
    await op.refusedSomewhere(rp, request, BAD_REQUEST);
  }),
  of("par-without-duplicate-parameters", "client_id and request_uri alone", async (op) => {
    const rp = await op.client();
    const request = rp.request();
    const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters: { client_id: rp.id, request_uri: await op.pushed(rp, request) } });
    await op.redeem(rp, request, await op.answered(rp, request, visit));
  }),
  assertionFails("par-test-array-as-audience-fails", "an audience in an array", (op) => ({ aud: [op.suite.issuer, "https://other.example"] })),
  assertionFails("par-test-par-endpoint-url-as-audience-fails", "the PAR endpoint as audience", (op) => ({ aud: op.metadata.pushed_authorization_request_endpoint })),
  assertionFails("par-test-token-endpoint-url-as-audience-fails", "the token endpoint as audience", (op) => ({ aud: op.metadata.token_endpoint })),
];

/** A flow whose proofs say this at PAR, token and resource endpoint. */
async function proven(op, rp, dpop) {
  const request = rp.request();
  const { visit } = await op.send(rp, request, { ...(await op.logged()), pushed: { withProof: true, dpop } });
  const login = await op.redeem(rp, request, await op.answered(rp, request, visit), { dpop });
  await op.userinfo(rp, login, { dpop });
}

/** What stands beside the request_uri is not looked at, or refused. */
async function inside(op, rp, request, beside) {
  const { visit } = await op.send(rp, request, { ...(await op.logged()), beside });
  if (!visit.left) return op.errorPage(visit);
  const answer = await op.answered(rp, request, visit);
  if (answer.error) return op.check(BAD_REQUEST.includes(answer.error), `invalid_request, not ${answer.error}`, "RFC 9101 §6.3");
  return op.redeem(rp, request, answer);
}

/** Long values are taken whole or refused, never cut. */
async function long(op, changes) {
  const rp = await op.client();
  const request = rp.request(changes);
  const pushed = await rp.push(request);
  if (pushed.status !== 201) return op.refused(pushed, ["invalid_request"]);
  const { visit } = await op.send(rp, request, { ...(await op.logged()), parameters: { client_id: rp.id, request_uri: pushed.json.request_uri } });
  const answer = await op.answered(rp, request, visit);
  if (answer.error) return op.check(answer.error === "invalid_request", `invalid_request, not ${answer.error}`);
  return op.redeem(rp, request, answer);
}

/** Whether the provider agrees to a version of TLS. */
function speaks(op, version) {
  const { hostname, port } = new URL(op.suite.issuer);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: port || 443, minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0", rejectUnauthorized: false });
    socket.once("secureConnect", () => { socket.destroy(); resolve(true); });
    socket.once("error", () => resolve(false));
  });
}

export const prepare = (test) => new FapiOp(test, client);

const VARIANTS = [
  { auth: "private_key_jwt", sender: "dpop" }, { auth: "private_key_jwt", sender: "mtls" }, { auth: "mtls", sender: "mtls" }, { auth: "mtls", sender: "dpop" },
].map((variant) => ({ ...variant, request: "unsigned", response: "plain" }));

/** The variants that a provider announces. */
export const offered = (variants, told) => variants.filter(({ auth, sender, request, response }) =>
  told.pushed_authorization_request_endpoint
  && (sender !== "dpop" || told.dpop_signing_alg_values_supported) && (sender !== "mtls" || told.tls_client_certificate_bound_access_tokens)
  && told.token_endpoint_auth_methods_supported?.includes(auth === "mtls" ? "self_signed_tls_client_auth" : auth)
  && (request !== "signed" || told.request_parameter_supported) && (response !== "jarm" || told.response_modes_supported?.includes("jwt")));

export const security = {
  name: "fapi2-security-profile-final-test-plan", variants: VARIANTS, modules: MODULES, prepare,
  announced: (told) => offered(VARIANTS, told).length > 0, offered: (told) => offered(VARIANTS, told),
};
export { BAD_REQUEST, of };
