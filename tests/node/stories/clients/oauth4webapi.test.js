// npm's oauth4webapi: every step and every check spelled out by the caller, as whoever writes their own library would.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as oauth from "oauth4webapi";
import { exportJWK, generateKeyPair } from "jose";
import { RESOURCE } from "../../../conformance/targets/aval.js";
import { CALLBACK, Provider, unless } from "../../lib/provider.js";

const provider = await Provider.start();
after(provider.stop);
const told = provider.metadata;
const options = { [oauth.customFetch]: provider.fetch() };

const server = await oauth.processDiscoveryResponse(provider.issuer, await oauth.discoveryRequest(provider.issuer, { algorithm: "oidc", ...options }));

/** The code flow step by step; gives the token response and its claims. */
async function flow(registered, authentication, { DPoP, pushed = false } = {}) {
  const client = { client_id: registered.client_id, id_token_signed_response_alg: registered.id_token_signed_response_alg };
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  const parameters = new URLSearchParams({
    client_id: client.client_id, response_type: "code", redirect_uri: CALLBACK, scope: "openid profile email", state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  });
  const url = new URL(server.authorization_endpoint);
  url.search = parameters;
  if (pushed) {
    const again = () => oauth.pushedAuthorizationRequest(server, client, authentication, parameters, { DPoP, ...options });
    const answer = await retried(DPoP, async () => oauth.processPushedAuthorizationResponse(server, client, await again()));
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri: answer.request_uri });
  }
  const back = oauth.validateAuthResponse(server, client, await provider.walk(url), state);
  const tokens = await retried(DPoP, async () => {
    const response = await oauth.authorizationCodeGrantRequest(server, client, authentication, back, CALLBACK, verifier, { DPoP, ...options });
    return oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce, requireIdToken: true });
  });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const person = await retried(DPoP, async () => {
    const response = await oauth.userInfoRequest(server, client, tokens.access_token, { DPoP, ...options });
    return oauth.processUserInfoResponse(server, client, claims.sub, response);
  });
  assert.ok(person.given_name, "userinfo has the name");
  return { tokens, claims };
}

/** RFC 9449 §8: once more, with the nonce that the server has just given. */
async function retried(DPoP, step) {
  try {
    return await step();
  } catch (error) {
    if (!DPoP || !oauth.isDPoPNonceError(error)) throw error;
    return step();
  }
}

async function byKey(changes) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "agency", use: "sig", alg: "ES256" };
  const registered = await provider.client({ token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256", jwks: { keys: [jwk] }, ...changes });
  return [registered, oauth.PrivateKeyJwt({ key: privateKey, kid: "agency" })];
}

test("oauth4webapi logs in with a secret", async () => {
  const registered = await provider.client({ token_endpoint_auth_method: "client_secret_basic" });
  const { claims } = await flow(registered, oauth.ClientSecretBasic(registered.client_secret));
  assert.equal(claims.iss, provider.target.issuer);
});

test("oauth4webapi logs in with a key, a pushed request and DPoP", unless(told.pushed_authorization_request_endpoint && told.dpop_signing_alg_values_supported, "FAPI 2.0"), async () => {
  const [registered, authentication] = await byKey({ profile: "fapi2_security", dpop_bound_access_tokens: true, require_pushed_authorization_requests: true });
  const DPoP = oauth.DPoP({ client_id: registered.client_id }, await oauth.generateKeyPair("ES256"));
  const { tokens } = await flow(registered, authentication, { DPoP, pushed: true });
  assert.equal(tokens.token_type, "dpop");
});

test("oauth4webapi finds an access token that is a JWT good for the resource it asked for", unless(told.grant_types_supported.includes("client_credentials"), "client_credentials"), async () => {
  const resource = RESOURCE.uri;
  const registered = await provider.client({
    token_endpoint_auth_method: "client_secret_basic", grant_types: ["client_credentials"], redirect_uris: [], response_types: [], scope: undefined, access_token_format: "jwt", resources: [resource],
  });
  const client = { client_id: registered.client_id };
  const response = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(registered.client_secret), { resource }, options);
  const { access_token: token } = await oauth.processClientCredentialsResponse(server, client, response);
  const request = new Request(`${resource}things`, { headers: { authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(server, request, resource, options);
  assert.equal(claims.client_id, registered.client_id);
});
