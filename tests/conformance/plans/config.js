// oidcc-config-certification-test-plan: the metadata and the keys.

import { module } from "../lib/runner.js";
import { Op } from "../lib/op.js";

/** What any discovery document and key set must be (OpenID Connect Discovery §3, RFC 7517). */
export function metadata(op) {
  const { discovered, metadata: told, jwks, issuer } = op.suite;
  op.check(discovered.status === 200 && discovered.type === "application/json", "the document is JSON", "OIDCD-4.2");
  op.check(told.issuer === issuer, `issuer is ${issuer} byte for byte`, "OIDCD-4.3");
  for (const [name, value] of Object.entries(told)) {
    if (/_(endpoint|uri|iframe)$/.test(name)) op.check(value.startsWith("https://"), `${name} is https`, "OIDCD-3");
  }
  for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"]) op.check(told[name], `${name} is there`, "OIDCD-3");
  for (const [name, alias] of Object.entries(told.mtls_endpoint_aliases ?? {})) op.check(alias.startsWith("https://"), `the alias of ${name} is https`, "RFC 8705 §5");
  op.check(told.scopes_supported?.includes("openid"), "scopes_supported has openid", "OIDCD-3");
  op.check(told.claims_supported?.length > 0, "claims_supported names some", "OIDCD-3");
  op.check(told.subject_types_supported?.length > 0, "subject_types_supported names some", "OIDCD-3");
  const keys = jwks?.keys ?? [];
  op.check(keys.length > 0, "the key set has keys", "RFC 7517 §5");
  for (const key of keys) {
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) op.check(key[secret] === undefined, "the key set has no private part", "OIDCC-10.1");
    if (key.kty === "RSA") op.check(Buffer.from(key.n, "base64url").length >= 256, "RSA keys have 2048 bits", "RFC 7518 §3.3");
    op.check(key.kid, "each key has a kid", "OIDCC-10.1");
  }
  op.check(new Set(keys.map((key) => `${key.kid} ${key.kty} ${key.use}`)).size === keys.length, "no two keys have the same kid", "RFC 7517 §4.5");
}

const discovery = module("oidcc-discovery-endpoint-verification", "metadata and keys", async (op) => {
  metadata(op);
  const told = op.metadata;
  op.check(told.response_types_supported?.includes("code"), "response_types_supported has code", "OIDCD-3");
  op.check(told.id_token_signing_alg_values_supported?.includes("RS256"), "id_token_signing_alg_values_supported has RS256", "OIDCD-3");
  op.check(!told.grant_types_supported || told.grant_types_supported.includes("authorization_code"), "grant_types_supported has authorization_code", "OIDCD-3");
  op.check(op.suite.jwks.keys.some((key) => key.kty === "RSA"), "the key set has a key for RS256", "OIDCC-10.1");
});

export const config = { name: "oidcc-config-certification-test-plan", variants: [{}], modules: [discovery], prepare: (test) => new Op(test), announced: () => true };
