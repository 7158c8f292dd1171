// What a module sees: the provider under test, clients of it, and the checks that every flow shares.

import { createHash } from "node:crypto";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { Browser } from "./browser.js";
import { Server } from "./server.js";
import { RelyingParty, now } from "./relying-party.js";

/** What all modules share: the target, its metadata and keys. */
export class Suite {
  /** The provider was told that the suite can be called at `port` of this machine. */
  static async of(target, port) {
    const suite = new Suite();
    Object.assign(suite, { target, issuer: target.issuer, network: target.network, clients: new Map(), kept: new Map(), server: await Server.listen(port, target.identity) });
    suite.discovered = await target.network.fetch(`${target.issuer}/.well-known/openid-configuration`);
    suite.metadata = suite.discovered.json;
    suite.jwks = (await target.network.fetch(suite.metadata.jwks_uri)).json;
    return suite;
  }

  async close() {
    await this.server.close();
    await this.target.stop();
  }
}

export const SUITE = "https://conformance.example";

export class Op {
  /** `client(kind)` gives `{ metadata, ...parts }` of a client of the plan, to be registered once. */
  constructor(test, client) {
    Object.assign(this, { test, suite: test.suite, target: test.suite.target, metadata: test.suite.metadata, variant: test.variant, describe: client });
  }

  check = (...all) => this.test.check(...all);
  advise = (...all) => this.test.advise(...all);
  skip = (reason) => this.test.skip(reason);
  review = (what) => this.test.review(what);
  wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** A client of the plan, registered at its first use. */
  async client(kind = "first") {
    const key = `${this.test.plan.name} ${JSON.stringify(this.variant)} ${kind}`;
    if (!this.suite.clients.has(key)) {
      this.suite.clients.set(key, (async () => {
        const { metadata, ...parts } = await this.describe(kind, this.variant, this.metadata, this.suite);
        const { always, ...registration } = metadata;
        return { client: { ...registration, ...(await this.target.client(registration)), always }, parts };
      })());
    }
    const { client, parts } = await this.suite.clients.get(key);
    return new RelyingParty(this.suite, client, { variant: this.variant, ...parts });
  }

  /** A client with these data, which the plan registered itself. */
  as(client) {
    return new RelyingParty(this.suite, client, { variant: this.variant });
  }

  /** A new browser. What begins so is the suite's own, and is not fetched. */
  browser(...ours) {
    return new Browser(this.suite.network, (url) => [`${SUITE}/`, ...ours].some((own) => url.startsWith(own)));
  }

  /** A browser in which a person is logged in already, as whoever runs a whole plan by hand has; never log out there. */
  async logged() {
    if (this.target.oneAtATime) return { browser: this.browser(), person: await this.target.person() };
    const key = this.test.plan.name;
    if (!this.suite.kept.has(key)) {
      this.suite.kept.set(key, (async () => {
        const rp = await this.client();
        const [browser, person] = [this.browser(), await this.target.person()];
        const { visit } = await this.send(rp, rp.request({}), { browser, person });
        this.check(visit.left?.parameters.code || visit.left?.parameters.response, `the first login of the plan ends at the client, not ${visit}`);
        return { browser, person };
      })());
    }
    const { browser, person } = await this.suite.kept.get(key);
    return { browser: browser.copy(), person };
  }

  /** Sends a request through the browser and answers what is asked, until the browser is sent away or shown something. */
  async send(rp, request, { browser, person, decision, until, method = "GET", parameters } = {}) {
    const sent = parameters ?? request.parameters;
    const url = new URL(this.metadata.authorization_endpoint);
    if (method === "GET") for (const [name, value] of Object.entries(sent)) url.searchParams.append(name, value);
    return this.walk(await browser.open(url, method === "POST" ? sent : undefined), { browser, person, decision, until });
  }

  async walk(visit, { browser, person, decision, until = () => false }) {
    const asked = [];
    while (!visit.left) {
      const what = this.target.asks(visit);
      if (!what || asked.length > 8 || until(what)) break;
      asked.push(what);
      visit = await this.target.answer(browser, visit, person, { decision });
    }
    return { visit, asked };
  }

  /** One whole flow up to the tokens, with every check that any flow must pass. */
  async login(rp, changes = {}, options = {}) {
    const request = options.prepared ?? rp.request(changes);
    const { browser, person } = options.browser ? options : options.fresh ? { browser: this.browser(), person: await this.target.person() } : await this.logged();
    const { visit, asked } = await this.send(rp, request, { ...options, browser, person });
    const answer = await this.answered(rp, request, visit);
    this.check(!answer.error, `no error, but ${answer.error}: ${answer.error_description}`);
    const tokens = await this.redeem(rp, request, answer);
    return { request, browser, person, asked, answer, ...tokens };
  }

  /** The authorization response, checked for what every response has. */
  async answered(rp, request, visit) {
    this.check(visit.left, `the browser is sent back to the client, but it is at: ${visit}`, "OIDCC-3.1.2.5");
    const { url, method } = visit.left;
    const mode = rp.variant.response === "jarm" ? "jwt" : request.parameters.response_mode ?? "query";
    this.check(method === (mode.startsWith("form_post") ? "POST" : "GET"), `the answer comes by ${mode}`, "OAUTH-MRTR-2");
    const [got, wanted] = [`${url.origin}${url.pathname}`, request.parameters.redirect_uri ?? rp.redirect];
    this.check(got === wanted.split("?")[0], `the answer goes to ${wanted}, not ${got}`, "OIDCC-3.1.2.5");
    this.check(url.hash === "", "a code comes in the query and not in the fragment", "OIDCC-3.1.2.5");
    const parameters = rp.variant.response === "jarm" ? await this.jarm(rp, visit.left.parameters) : visit.left.parameters;
    this.check(parameters.state === request.parameters.state, `state is returned as it was sent (${parameters.state})`, "RFC 6749 §4.1.2");
    if (this.metadata.authorization_response_iss_parameter_supported && rp.variant.response !== "jarm") {
      this.check(parameters.iss === this.suite.issuer, "iss is the issuer", "RFC 9207 §2");
    }
    return parameters;
  }

  /** A response in a JWT (JARM §4.4). */
  async jarm(rp, parameters) {
    this.check(Object.keys(parameters).join() === "response", `the answer is one parameter, response, not ${Object.keys(parameters)}`, "JARM-2.3.1");
    const { payload, protectedHeader } = await jwtVerify(parameters.response, createLocalJWKSet(this.suite.jwks), { issuer: this.suite.issuer, audience: rp.id, requiredClaims: ["exp"] });
    this.check(["ES256", "PS256", "EdDSA", "Ed25519"].includes(protectedHeader.alg), `${protectedHeader.alg} is an algorithm of FAPI 2.0`, "FAPI2-SP-5.4");
    const { iss, aud, exp, ...rest } = payload;
    this.check(exp - now() <= 600, "the answer is good for ten minutes at most", "JARM-2.1");
    return rest;
  }

  /** Redeems a code and checks the token response and the id token. */
  async redeem(rp, request, answer, options = {}) {
    this.check(/^[\x21-\x7e]+$/.test(answer.code ?? "") && answer.code.length >= 22, "the code has 128 bits of chance", "RFC 6749 §10.10");
    return this.tokens(rp, await rp.redeem(request, answer, options), { nonce: request.parameters.nonce ?? null });
  }

  /** A token response (RFC 6749 §5.1) with an id token (OpenID Connect Core §3.1.3.7). */
  async tokens(rp, response, { nonce } = {}) {
    this.check(response.status === 200, `the token endpoint answers 200: ${response}`, "RFC 6749 §5.1");
    this.check(response.type === "application/json", "the token response is JSON", "RFC 6749 §5.1");
    this.check(/no-store/.test(response.headers["cache-control"] ?? ""), "the token response is not stored", "RFC 6749 §5.1");
    const { access_token, token_type, expires_in, id_token, refresh_token } = response.json;
    this.check(typeof access_token === "string" && access_token.length >= 22, "access_token has 128 bits of chance", "RFC 6749 §10.10");
    this.check(token_type?.toLowerCase() === (rp.proof ? "dpop" : "bearer"), `token_type is ${rp.proof ? "DPoP" : "Bearer"}, not ${token_type}`, rp.proof ? "RFC 9449 §5" : "OIDCC-3.1.3.3");
    this.check(expires_in === undefined || (Number.isInteger(expires_in) && expires_in > 0), "expires_in is a number of seconds", "RFC 6749 §5.1");
    const claims = id_token && (await this.idToken(rp, id_token, { nonce, access_token }));
    return { response, access_token, refresh_token, id_token, claims };
  }

  async idToken(rp, encrypted, { nonce, access_token }) {
    const token = await rp.open(encrypted);
    const header = decodeProtectedHeader(token);
    const wanted = rp.client.id_token_signed_response_alg;
    if (wanted) this.check(header.alg === wanted, `the id token is signed by ${wanted}, not ${header.alg}`, "OIDCC-3.1.3.7-7");
    this.check(header.alg !== "none", "the id token is signed", "OIDCC-3.1.3.7-7");
    const { payload } = await jwtVerify(token, createLocalJWKSet(this.suite.jwks), { issuer: this.suite.issuer, audience: rp.id, requiredClaims: ["sub", "exp", "iat"] });
    this.check(payload.sub.length <= 255, "sub has 255 characters at most", "OIDCC-2");
    this.check(payload.aud === rp.id || payload.aud.length === 1 || payload.azp === rp.id, "azp is there when there are several audiences", "OIDCC-3.1.3.7-4");
    this.check(payload.azp === undefined || payload.azp === rp.id, "azp is the client", "OIDCC-3.1.3.7-5");
    this.check(Math.abs(now() - payload.iat) <= 300, "iat is now", "OIDCC-3.1.3.7-10");
    if (nonce !== undefined) this.check((payload.nonce ?? null) === nonce, "nonce is the one of the request", "OIDCC-3.1.3.7-11");
    if (payload.at_hash) {
      const hash = createHash(header.alg.endsWith("384") ? "sha384" : header.alg === "EdDSA" ? "sha512" : "sha256").update(access_token).digest();
      this.check(payload.at_hash === hash.subarray(0, hash.length / 2).toString("base64url"), "at_hash is of this access token", "OIDCC-3.1.3.6");
    }
    return payload;
  }

  /** Claims of the UserInfo endpoint, checked against the id token. */
  async userinfo(rp, login, options) {
    const answer = await rp.userinfo(login.access_token, options);
    this.check(answer.status === 200, `userinfo answers 200: ${answer}`, "OIDCC-5.3.2");
    this.check(answer.type === "application/json", `userinfo is JSON, not ${answer.type}`, "OIDCC-5.3.2");
    this.check(answer.json?.sub && (!login.claims || answer.json.sub === login.claims.sub), "sub is that of the id token", "OIDCC-5.3.2");
    return answer.json;
  }

  /** An OAuth error as JSON with one of these codes. */
  refused(answer, codes, statuses = [400]) {
    this.check(statuses.includes(answer.status), `refused with ${statuses.join(" or ")}: ${answer}`, "RFC 6749 §5.2");
    this.check(answer.type === "application/json", "the refusal is JSON", "RFC 6749 §5.2");
    this.check(codes.includes(answer.json?.error), `refused as ${codes.join(" or ")}: ${answer}`, "RFC 6749 §5.2");
    this.describes(answer.json);
  }

  /** RFC 6749 §5.2 on what an error may be made of. */
  describes({ error_description: text, error_uri: uri }) {
    this.check(text === undefined || /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(text), "error_description has only the characters it may have", "RFC 6749 §5.2");
    this.check(uri === undefined || /^[\x21\x23-\x5b\x5d-\x7e]*$/.test(uri), "error_uri has only the characters it may have", "RFC 6749 §5.2");
  }

  /** An authorization that must fail: on the provider's own page, which a person looks at, or by an error for the client. */
  async refusedBack(rp, request, visit, codes) {
    if (visit.left) {
      const answer = await this.answered(rp, request, visit);
      this.check(codes.includes(answer.error), `refused as ${codes.join(" or ")}, not ${answer.error ?? "a code"}`, "OIDCC-3.1.2.6");
      this.describes(answer);
    } else this.errorPage(visit);
  }

  /** The provider's own page that says what is wrong. */
  errorPage(visit) {
    this.check(!visit.left, `no redirect, but the browser is ${visit}`, "OIDCC-3.1.2.2");
    this.check(visit.status >= 400 && visit.status < 500, `a page with an error, not ${visit}`, "OIDCC-3.1.2.2");
    this.check(visit.page?.text, "the page says something", "OIDCC-3.1.2.2");
    this.review(`error page “${visit.page.title}”`);
  }
}
