// npm's openid-client with everything that it can do, over TLS, one feature for each story.

import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, test } from "node:test";
import * as client from "openid-client";
import { decodeJwt, generateKeyPair, exportJWK } from "jose";
import { selfSigned, x5c } from "../../../conformance/lib/certificates.js";
import { RESOURCE } from "../../../conformance/targets/aval.js";
import { CALLBACK, Provider, unless } from "../../lib/provider.js";

const provider = await Provider.start();
after(provider.stop);
const told = provider.metadata;
const method = (name) => unless(told.token_endpoint_auth_methods_supported.includes(name), name);
const grant = (name) => unless(told.grant_types_supported.includes(name), name);

/** A key pair and what is registered of it. */
async function keyPair(alg, kid, more = {}) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { key: privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg, ...more } };
}

/** A client of the library for a registration; `certificate` authenticates by TLS. */
async function configured(registered, authentication, { certificate, ...options } = {}) {
  return client.discovery(provider.issuer, registered.client_id, { ...registered, client_secret: undefined, use_mtls_endpoint_aliases: Boolean(certificate) }, authentication, { [client.customFetch]: provider.fetch(certificate), ...options });
}

/** The whole flow; `begin` gives the address to open. */
async function login(config, { begin = client.buildAuthorizationUrl, more = {}, DPoP } = {}) {
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: CALLBACK, scope: "openid profile email", state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...more,
  };
  const back = await provider.walk(await begin(config, parameters, { DPoP }));
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }, undefined, { DPoP });
  const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  assert.ok(person.given_name, "userinfo has the name");
  return tokens;
}

const secret = async (changes) => {
  const registered = await provider.client({ token_endpoint_auth_method: "client_secret_basic", ...changes });
  return [registered, await configured(registered, client.ClientSecretBasic(registered.client_secret))];
};
const byKey = async (changes, alg = "ES256") => {
  const pair = await keyPair(alg, "agency");
  const { also = [], ...rest } = changes ?? {};
  const registered = await provider.client({ token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: alg, jwks: { keys: [pair.jwk, ...also] }, ...rest });
  return [registered, await configured(registered, client.PrivateKeyJwt({ key: pair.key, kid: pair.kid })), pair];
};

test("client_secret_basic, refresh and revocation", async () => {
  const [, config] = await secret({ scope: "openid profile email offline_access" });
  const tokens = await login(config, { more: { scope: "openid profile email offline_access", prompt: "consent" } });
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(refreshed.access_token, tokens.access_token);
  await client.tokenRevocation(config, refreshed.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: "invalid_grant" });
});

test("client_secret_post", async () => {
  const registered = await provider.client({ token_endpoint_auth_method: "client_secret_post" });
  await login(await configured(registered, client.ClientSecretPost(registered.client_secret)));
});

test("client_secret_jwt", method("client_secret_jwt"), async () => {
  const registered = await provider.client({ token_endpoint_auth_method: "client_secret_jwt" });
  await login(await configured(registered, client.ClientSecretJwt(registered.client_secret)));
});

for (const alg of ["ES256", "PS256"]) {
  test(`private_key_jwt by ${alg}`, method("private_key_jwt"), async () => {
    const [, config] = await byKey({}, alg);
    await login(config);
  });
}

test("a public client", async () => {
  const registered = await provider.client({ token_endpoint_auth_method: "none", grant_types: ["authorization_code"] });
  await login(await configured(registered, client.None()));
});

for (const alg of ["ES256", "PS256", "RS256", "EdDSA"]) {
  test(`id token by ${alg}, its signature checked`, unless(told.id_token_signing_alg_values_supported.includes(alg), alg), async () => {
    const [, config] = await secret({ id_token_signed_response_alg: alg });
    client.enableNonRepudiationChecks(config);
    await login(config);
  });
}

test("an encrypted id token and encrypted userinfo", unless(told.id_token_encryption_alg_values_supported && told.userinfo_encryption_alg_values_supported, "encryption"), async () => {
  const { privateKey, publicKey } = await generateKeyPair("ECDH-ES", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "box", use: "enc", alg: "ECDH-ES" };
  const [, config] = await secret({
    jwks: { keys: [jwk] }, id_token_encrypted_response_alg: "ECDH-ES", id_token_encrypted_response_enc: "A256GCM",
    userinfo_signed_response_alg: "ES256", userinfo_encrypted_response_alg: "ECDH-ES", userinfo_encrypted_response_enc: "A128GCM",
  });
  client.enableDecryptingResponses(config, ["A128GCM", "A256GCM"], { key: privateKey, kid: "box" });
  await login(config);
});

test("signed userinfo", unless(told.userinfo_signing_alg_values_supported, "userinfo_signing_alg_values_supported"), async () => {
  const [, config] = await secret({ userinfo_signed_response_alg: "ES256" });
  client.enableNonRepudiationChecks(config);
  await login(config);
});

test("form_post", unless(told.response_modes_supported?.includes("form_post"), "form_post"), async () => {
  const [, config] = await secret();
  await login(config, { more: { response_mode: "form_post" } });
});

test("PAR", unless(told.pushed_authorization_request_endpoint, "PAR"), async () => {
  const [, config] = await secret({ require_pushed_authorization_requests: true });
  await login(config, { begin: client.buildAuthorizationUrlWithPAR });
});

test("JAR", unless(told.request_parameter_supported, "request"), async () => {
  const pair = await keyPair("ES256", "agency");
  const [, config] = await secret({ jwks: { keys: [pair.jwk] }, request_object_signing_alg: "ES256", require_signed_request_object: true });
  await login(config, { begin: (to, parameters) => client.buildAuthorizationUrlWithJAR(to, parameters, { key: pair.key, kid: pair.kid }) });
});

test("JARM", unless(told.response_modes_supported?.includes("jwt"), "response mode jwt"), async () => {
  const [, config] = await secret({ authorization_signed_response_alg: "ES256" });
  client.useJwtResponseMode(config);
  await login(config);
});

test("DPoP, refreshed with the same key", unless(told.dpop_signing_alg_values_supported, "DPoP"), async () => {
  const [, config] = await secret({ dpop_bound_access_tokens: true, scope: "openid profile email offline_access" });
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  const tokens = await login(config, { DPoP, more: { scope: "openid profile email offline_access", prompt: "consent" } });
  assert.equal(tokens.token_type, "dpop");
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  await client.fetchUserInfo(config, refreshed.access_token, tokens.claims().sub, { DPoP });
  await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, tokens.claims().sub), "without a proof the token is worth nothing");
});

test("mutual TLS, the token bound to the certificate", unless(told.tls_client_certificate_bound_access_tokens, "tls_client_certificate_bound_access_tokens"), async () => {
  const [certificate, other] = [selfSigned("agency.example"), selfSigned("other.example")];
  const jwk = { ...createPublicKey(certificate.certificate).export({ format: "jwk" }), kid: "certificate", use: "sig", x5c: x5c(certificate) };
  const registered = await provider.client({ token_endpoint_auth_method: "self_signed_tls_client_auth", jwks: { keys: [jwk] }, tls_client_certificate_bound_access_tokens: true });
  const config = await configured(registered, client.TlsClientAuth(), { certificate });
  const tokens = await login(config);
  const stolen = await configured(registered, client.TlsClientAuth(), { certificate: other });
  await assert.rejects(client.fetchUserInfo(stolen, tokens.access_token, tokens.claims().sub), "with another certificate the token is worth nothing");
});

test("FAPI 2.0 Security Profile: PAR, private_key_jwt, DPoP", unless(told.dpop_signing_alg_values_supported && told.pushed_authorization_request_endpoint && method("private_key_jwt").skip === undefined, "FAPI 2.0"), async () => {
  const [, config] = await byKey({ profile: "fapi2_security", dpop_bound_access_tokens: true, require_pushed_authorization_requests: true });
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  await login(config, { begin: client.buildAuthorizationUrlWithPAR, DPoP });
});

test("FAPI 2.0 Message Signing: a signed request pushed, a signed answer", unless(told.request_parameter_supported && told.response_modes_supported?.includes("jwt") && told.dpop_signing_alg_values_supported, "FAPI 2.0 Message Signing"), async () => {
  const [, config, pair] = await byKey({
    profile: "fapi2_message_signing", dpop_bound_access_tokens: true, require_pushed_authorization_requests: true, require_signed_request_object: true,
    request_object_signing_alg: "ES256", authorization_signed_response_alg: "ES256",
  });
  client.useJwtResponseMode(config);
  client.enableNonRepudiationChecks(config);
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  const begin = async (to, parameters, options) => {
    const signed = await client.buildAuthorizationUrlWithJAR(to, parameters, { key: pair.key, kid: pair.kid });
    return client.buildAuthorizationUrlWithPAR(to, signed.searchParams, options);
  };
  await login(config, { begin, DPoP });
});

/** A client that acts for itself at an agency's interface. */
const machine = (changes) => secret({ grant_types: ["client_credentials"], redirect_uris: [], response_types: [], scope: undefined, resources: [RESOURCE.uri], ...changes });

test("client credentials, introspected and revoked", grant("client_credentials"), async () => {
  const [, config] = await machine();
  const tokens = await client.clientCredentialsGrant(config, { resource: RESOURCE.uri });
  const { active, client_id: id } = await client.tokenIntrospection(config, tokens.access_token);
  assert.ok(active && id === config.clientMetadata().client_id);
  await client.tokenRevocation(config, tokens.access_token);
  assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false);
});

test("introspection as a signed JWT", unless(told.introspection_signing_alg_values_supported, "introspection_signing_alg_values_supported"), async () => {
  const [, config] = await machine({ introspection_signed_response_alg: "ES256" });
  client.enableNonRepudiationChecks(config);
  const tokens = await client.clientCredentialsGrant(config, { resource: RESOURCE.uri });
  assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true);
});

test("the device grant", grant("urn:ietf:params:oauth:grant-type:device_code"), async () => {
  const registered = await provider.client({ token_endpoint_auth_method: "none", grant_types: ["urn:ietf:params:oauth:grant-type:device_code"], redirect_uris: [], response_types: [], scope: "openid profile" });
  const config = await configured(registered, client.None());
  const device = await client.initiateDeviceAuthorization(config, { scope: "openid profile" });
  assert.ok(device.user_code && device.verification_uri);
  await confirmDevice(device);
  const tokens = await client.pollDeviceAuthorizationGrant(config, device);
  assert.ok(tokens.access_token);
});

/** The citizen's part at the other screen: types the code, compares it, agrees. */
async function confirmDevice(device) {
  const browser = provider.home;
  let visit = await browser.open(device.verification_uri);
  for (let asked = 0; asked < 8; asked += 1) {
    const form = visit.page?.forms.find((one) => one.types.user_code && one.types.user_code !== "hidden");
    if (form) visit = await browser.submit(visit, form, { user_code: device.user_code });
    else if (provider.target.asks(visit)) visit = await provider.target.answer(browser, visit, provider.person);
    else return;
  }
}

test("token exchange: a citizen's token becomes one for another agency's interface", grant("urn:ietf:params:oauth:grant-type:token-exchange"), async () => {
  const [registered, config] = await secret({ grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"], resources: [RESOURCE.uri] });
  const tokens = await login(config);
  const exchanged = await client.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
    subject_token: tokens.access_token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token", resource: RESOURCE.uri,
  });
  assert.equal(exchanged.issued_token_type, "urn:ietf:params:oauth:token-type:access_token");
  const claims = decodeJwt(exchanged.access_token);
  assert.equal(claims.aud, RESOURCE.uri);
  assert.equal(claims.act.sub, registered.client_id);
});

test("a client registers itself", unless(told.registration_endpoint, "registration_endpoint"), async () => {
  const token = await provider.target.initialAccessToken?.(new URL(CALLBACK).hostname);
  const metadata = { client_name: "Agencia que se registra sola", redirect_uris: [CALLBACK], id_token_signed_response_alg: "ES256" };
  const options = { initialAccessToken: token, [client.customFetch]: provider.fetch() };
  const config = await client.dynamicClientRegistration(provider.issuer, metadata, undefined, options);
  assert.ok(config.clientMetadata().client_secret);
  await login(config);
});

test("logout comes back", unless(told.end_session_endpoint, "end_session_endpoint"), async () => {
  const [, config] = await secret({ post_logout_redirect_uris: ["https://agency.example/bye"] });
  const [browser, person] = [provider.browser(), await provider.target.person()];
  const [verifier, nonce] = [client.randomPKCECodeVerifier(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: "openid", nonce, code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" });
  const back = await provider.walk(url, { browser, person });
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedNonce: nonce, idTokenExpected: true });
  const bye = await provider.walk(client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: "https://agency.example/bye", state: "s" }), { browser, person });
  assert.equal(bye.href, "https://agency.example/bye?state=s");
});
