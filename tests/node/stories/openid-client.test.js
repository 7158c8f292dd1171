// npm's openid-client, another implementation, logs a citizen in from discovery alone; the person has no JavaScript.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as client from "openid-client";
import { launch, Visitor } from "../lib/browser.js";
import { through } from "../lib/login.js";
import { newCitizen, newClient, stack } from "../lib/stack.js";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const insecure = { execute: [client.allowInsecureRequests] };

for (const [method, authentication] of [["client_secret_basic", client.ClientSecretBasic], ["client_secret_post", client.ClientSecretPost]]) {
  test(`openid-client logs in (${method})`, async () => {
    const citizen = newCitizen();
    const registered = newClient({ token_endpoint_auth_method: method, scope: "openid profile email national_id offline_access", grant_types: ["authorization_code", "refresh_token"] });
    const config = await client.discovery(new URL(stack.idp.issuer), registered.client_id, undefined, authentication(registered.client_secret), insecure);
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: registered.redirect_uris[0], scope: "openid profile email national_id offline_access", prompt: "consent", state, nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    });

    const visitor = await Visitor.arrive(browser, { javaScript: false });
    let back;
    visitor.page.on("request", (request) => {
      if (request.isNavigationRequest() && request.url().startsWith("http://localhost:9000/")) back = request.url();
    });
    await visitor.page.goto(url.href);
    await through(visitor.page, citizen, () => back !== undefined);
    const tokens = await client.authorizationCodeGrant(config, new URL(back), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
    const claims = tokens.claims();
    assert.equal(claims.acr, "urn:aval:aal2");
    const told = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(told.national_id, citizen.national_id);
    const again = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.ok(again.access_token && again.access_token !== tokens.access_token);
    await visitor.leave();
  });
}
