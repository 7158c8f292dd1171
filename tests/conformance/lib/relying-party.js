// A client of the provider: builds requests, authenticates, proves possession, redeems. Every call takes what a module
// wants broken.

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT, calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair } from "jose";

export const now = () => Math.floor(Date.now() / 1000);
export const random = (bytes = 16) => randomBytes(bytes).toString("base64url");
export const s256 = (text) => createHash("sha256").update(text).digest("base64url");

/** A fresh signing key: the private half, its public JWK and its thumbprint. */
export async function signingKey(alg = "ES256") {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  return { alg, private: privateKey, jwk, thumbprint, public: { ...jwk, kid: thumbprint, alg, use: "sig" } };
}

/** Signs claims; claims that are undefined are left out. */
export function sign(key, claims, header = {}) {
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: key.alg, ...header }).sign(key.private);
}

export class RelyingParty {
  /**
   * `client` as registered; `keys` signs assertions and request objects, `rsa` is registered beside it for what must not
   * be accepted, `proof` is the DPoP key, `certificate` the TLS one.
   */
  constructor(suite, client, { variant = {}, keys, rsa, proof, certificate, path } = {}) {
    Object.assign(this, { suite, client: { ...client }, variant, keys, rsa, proof, certificate, path, nonces: {} });
  }

  get id() {
    return this.client.client_id;
  }

  get redirect() {
    return this.client.redirect_uris[0];
  }

  /** The endpoint by its metadata name; with a certificate its alias (RFC 8705 §5). */
  endpoint(name) {
    const { metadata } = this.suite;
    return (this.certificate && metadata.mtls_endpoint_aliases?.[name]) || metadata[name];
  }

  /** A good authorization request; null leaves a parameter out. The verifier stays here. */
  request(changes = {}) {
    const verifier = random(32);
    const pkce = this.client.require_pkce === false ? {} : { code_challenge: s256(verifier), code_challenge_method: "S256" };
    const standard = { response_type: "code", client_id: this.id, redirect_uri: this.redirect, scope: "openid", state: random(), nonce: random(), ...pkce, ...this.client.always };
    return { verifier, parameters: strip({ ...standard, ...changes }) };
  }

  /** A request object with these parameters (RFC 9101 §4); `signer` and `header` for what a module breaks. */
  requestObject(parameters, { claims = {}, key = this.keys, header = {} } = {}) {
    const standard = { ...parameters, iss: this.id, aud: this.suite.issuer, iat: now(), nbf: now(), exp: now() + 300, jti: randomUUID() };
    const all = { ...standard, ...claims };
    if (key === null) return new UnsecuredJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))).encode();
    return sign(key, all, { kid: key.thumbprint, typ: "oauth-authz-req+jwt", ...header });
  }

  /** Pushes a request (RFC 9126 §2.1), signed if the variant says so. */
  async push(request, { object = {}, form = {}, plain = false, dpop = {}, withProof = false, ...options } = {}) {
    const signed = this.variant.request === "signed" && !plain;
    const content = signed ? { client_id: this.id, request: await this.requestObject(request.parameters, object) } : request.parameters;
    return this.post(this.endpoint("pushed_authorization_request_endpoint"), { ...content, ...form }, { ...options, dpop: withProof ? dpop : null });
  }

  /** A client assertion (RFC 7523 §3, FAPI 2.0 §5.3.3: the issuer alone as audience). */
  assertion({ key = this.keys, header = {}, ...claims } = {}) {
    return sign(key, { iss: this.id, sub: this.id, aud: this.suite.issuer, jti: randomUUID(), iat: now(), nbf: now(), exp: now() + 60, ...claims }, { kid: key.thumbprint, ...header });
  }

  /** A proof (RFC 9449 §4.2); `header` and claims for what a module breaks. */
  async proofFor(method, url, { token, key = this.proof, header = {}, ...claims } = {}) {
    const { origin, pathname } = new URL(url);
    const ath = token ? { ath: s256(token) } : {};
    const nonce = this.nonces[origin] ? { nonce: this.nonces[origin] } : {};
    return sign(key, { jti: randomUUID(), htm: method, htu: origin + pathname, iat: now(), ...ath, ...nonce, ...claims }, { typ: "dpop+jwt", jwk: key.jwk, ...header });
  }

  /** A request to a back-channel endpoint, authenticated as registered. `assertion: null` leaves authentication out. */
  async post(endpoint, form, { assertion = {}, dpop = {}, certificate = this.certificate, headers = {}, retry = true } = {}) {
    const sent = { ...form };
    const more = { ...headers };
    const basic = (one) => encodeURIComponent(one).replace(/%20/g, "+");
    switch (assertion === null ? "none" : this.client.token_endpoint_auth_method ?? "client_secret_basic") {
      case "client_secret_basic":
        more.authorization = `Basic ${Buffer.from(`${basic(this.id)}:${basic(this.client.client_secret)}`).toString("base64")}`;
        break;
      case "client_secret_post":
        Object.assign(sent, { client_id: this.id, client_secret: this.client.client_secret, ...(form.client_id ? { client_id: form.client_id } : {}) });
        break;
      case "private_key_jwt":
        Object.assign(sent, { client_assertion: await this.assertion(assertion), client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" });
        break;
      default:
        sent.client_id ??= this.id;
    }
    if (this.proof && dpop) more.dpop = await this.proofFor("POST", endpoint, dpop);
    const answer = await this.suite.network.fetch(endpoint, { method: "POST", headers: more, form: sent, certificate });
    return this.#again(endpoint, answer, retry) ? this.post(endpoint, form, { assertion, dpop, certificate, headers, retry: false }) : answer;
  }

  /** Redeems the code of an answer. */
  redeem(request, answer, { form = {}, ...options } = {}) {
    const grant = { grant_type: "authorization_code", code: answer.code, redirect_uri: request.parameters.redirect_uri ?? this.redirect };
    const pkce = request.parameters.code_challenge ? { code_verifier: request.verifier } : {};
    return this.post(this.endpoint("token_endpoint"), strip({ ...grant, ...pkce, ...form }), options);
  }

  refresh(token, { form = {}, ...options } = {}) {
    return this.post(this.endpoint("token_endpoint"), { grant_type: "refresh_token", refresh_token: token, ...form }, options);
  }

  /** The UserInfo endpoint as the protected resource. `scheme` and `proof` for what a module breaks. */
  async userinfo(token, { method = "GET", place = "header", scheme, dpop = {}, proofs, certificate = this.certificate, retry = true } = {}) {
    const endpoint = this.endpoint("userinfo_endpoint");
    const headers = place === "header" ? { authorization: `${scheme ?? (this.proof ? "DPoP" : "Bearer")} ${token}` } : {};
    if (proofs !== undefined) {
      if (proofs !== null) headers.dpop = proofs;
    } else if (this.proof) headers.dpop = await this.proofFor(method, endpoint, { token, ...dpop });
    const form = place === "body" ? { access_token: token } : undefined;
    const answer = await this.suite.network.fetch(endpoint, { method, headers, form, certificate });
    const again = proofs === undefined && this.#again(endpoint, answer, retry);
    return again ? this.userinfo(token, { method, place, scheme, dpop, certificate, retry: false }) : answer;
  }

  /** The id token, decrypted if it has to be. */
  async open(token) {
    if (token.split(".").length !== 5) return token;
    return new TextDecoder().decode((await compactDecrypt(token, this.keys.private)).plaintext);
  }

  // RFC 9449 §8: the server may ask for a nonce of its own, once
  #again(endpoint, answer, retry) {
    const nonce = answer.headers["dpop-nonce"];
    if (nonce) this.nonces[new URL(endpoint).origin] = nonce;
    const asked = answer.json?.error === "use_dpop_nonce" || /use_dpop_nonce/.test(answer.headers["www-authenticate"] ?? "");
    return retry && asked && Boolean(this.proof);
  }
}

export const strip = (parameters) => Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined));
