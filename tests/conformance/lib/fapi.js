// A provider as FAPI 2.0 asks for it: requests are pushed, clients prove a key, tokens are bound to one.

import { createPublicKey } from "node:crypto";
import { Op, SUITE } from "./op.js";
import { selfSigned, x5c } from "./certificates.js";
import { signingKey } from "./relying-party.js";

export const CALLBACK = `${SUITE}/fapi/callback`;

/** A client of a FAPI 2.0 plan; `first` and `second` differ in every key. */
export async function client(kind, { auth, sender, request, response }, told) {
  const [keys, rsa] = [await signingKey("ES256"), await signingKey("RS256")];
  // Registered without its algorithm: PS256 would be good with it, RS256 never is (FAPI2-SP-5.4.1)
  const { alg: _, ...published } = rsa.public;
  const certificate = auth === "mtls" || sender === "mtls" ? selfSigned(`conformance ${kind}`) : undefined;
  // The certificate's key names itself by its chain (RFC 8705 §2.2.2)
  const registered = [keys.public, published, ...(auth === "mtls" ? [certificateKey(certificate)] : [])];
  const metadata = {
    client_name: `Conformance FAPI ${kind}`, redirect_uris: [CALLBACK], response_types: ["code"], grant_types: ["authorization_code", "refresh_token"],
    scope: ["openid", "profile", "email", "offline_access"].filter((scope) => told.scopes_supported.includes(scope)).join(" "),
    profile: request === "signed" ? "fapi2_message_signing" : "fapi2_security",
    token_endpoint_auth_method: auth === "mtls" ? "self_signed_tls_client_auth" : "private_key_jwt", jwks: { keys: registered }, id_token_signed_response_alg: "ES256",
    require_pushed_authorization_requests: true, ...(auth === "mtls" ? {} : { token_endpoint_auth_signing_alg: "ES256" }),
    ...(sender === "dpop" ? { dpop_bound_access_tokens: true } : { tls_client_certificate_bound_access_tokens: true }),
    ...(request === "signed" ? { request_object_signing_alg: "ES256", require_signed_request_object: true } : {}),
    ...(response === "jarm" ? { authorization_signed_response_alg: "ES256", always: { response_mode: "jwt" } } : {}),
  };
  return { metadata, keys, rsa, certificate, proof: sender === "dpop" ? await signingKey("ES256") : undefined };
}

function certificateKey(pair) {
  return { ...createPublicKey(pair.certificate).export({ format: "jwk" }), kid: "certificate", use: "sig", x5c: x5c(pair) };
}

export class FapiOp extends Op {
  /** Pushes and goes there. `pushed` changes what is pushed, `beside` what stands beside the request_uri. */
  async send(rp, request, options) {
    const parameters = options.parameters ?? { client_id: rp.id, request_uri: await this.pushed(rp, request, options.pushed), ...options.beside };
    return super.send(rp, request, { ...options, parameters });
  }

  /** A request_uri (RFC 9126 §2.2). */
  async pushed(rp, request, options) {
    const answer = await rp.push(request, options);
    this.check(answer.status === 201, `the request is pushed with 201: ${answer}`, "RFC 9126 §2.2");
    const { request_uri: uri, expires_in: life } = answer.json;
    this.check(typeof uri === "string" && uri.split(":").at(-1).length >= 22, "request_uri has 128 bits of chance", "RFC 9126 §7.1");
    this.check(Number.isInteger(life) && life >= 5 && life < 600, `request_uri lives between 5 and 600 s (${life})`, "FAPI2-SP-5.3.2.2-11");
    return uri;
  }

  /** A request that must fail: at the PAR endpoint, on a page, or by an error for the client. */
  async refusedSomewhere(rp, request, codes, { pushed, ...options } = {}) {
    const answer = await rp.push(request, pushed);
    if (answer.status !== 201) return this.refused(answer, codes, [400, 401, 403]);
    const { visit } = await super.send(rp, request, { ...(await this.logged()), parameters: { client_id: rp.id, request_uri: answer.json.request_uri }, ...options });
    return this.refusedBack(rp, request, visit, codes);
  }

  /** A token request that must fail after a good authorization; `redeem` breaks one thing. */
  async refusedAtToken(rp, codes, redeem, { changes = {}, statuses = [400, 401], ...options } = {}) {
    const request = rp.request(changes);
    const { visit } = await this.send(rp, request, { ...(await this.logged()), ...options });
    const answer = await this.answered(rp, request, visit);
    this.check(answer.code, `a code, not ${answer.error}`);
    const told = await redeem(request, answer);
    this.refused(told, codes, statuses);
    return { request, answer };
  }
}
