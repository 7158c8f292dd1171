// DPoP proofs with one thing wrong in each.

import { randomUUID } from "node:crypto";
import { SignJWT, exportJWK } from "jose";
import { now, random, sign, signingKey } from "./relying-party.js";

/** Proofs for the UserInfo endpoint, each with one thing wrong (RFC 9449 §4.3, in its order). */
export async function brokenProofs(rp, token) {
  const [url, other] = [rp.endpoint("userinfo_endpoint"), await signingKey()];
  const proof = (broken) => rp.proofFor("GET", url, { token, ...broken });
  const good = await proof({});
  const [head, body, signature] = good.split(".");
  const { d } = await exportJWK(rp.proof.private);
  const claims = { jti: randomUUID(), htm: "GET", htu: url, iat: now() };
  const used = await proof({});
  await rp.userinfo(token, { proofs: used });
  // With a nonce of its own a server may leave iat alone (RFC 9449 §11.1): without one it looks at iat or asks for one
  return {
    "no proof": null,
    "two proofs": [await proof({}), await proof({})],
    "no JWT": "dpop",
    "another typ": await proof({ header: { typ: "JWT" } }),
    "no typ": await proof({ header: { typ: undefined } }),
    "alg none": `${Buffer.from(JSON.stringify({ typ: "dpop+jwt", alg: "none", jwk: rp.proof.jwk })).toString("base64url")}.${body}.`,
    "a symmetric alg": await new SignJWT(claims).setProtectedHeader({ typ: "dpop+jwt", alg: "HS256", jwk: rp.proof.jwk }).sign(new TextEncoder().encode(JSON.stringify(rp.proof.jwk))),
    "no jwk": await proof({ header: { jwk: undefined } }),
    "a private jwk": await proof({ header: { jwk: { ...rp.proof.jwk, d } } }),
    "a broken signature": `${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`,
    "a signature by another key": await sign(other, { ...claims, ath: undefined }, { typ: "dpop+jwt", jwk: rp.proof.jwk }),
    "no jti": await proof({ jti: undefined }),
    "no htm": await proof({ htm: undefined }),
    "no htu": await proof({ htu: undefined }),
    "no iat": await proof({ iat: undefined }),
    "no ath": await proof({ ath: undefined }),
    "another htm": await proof({ htm: "POST" }),
    "another htu": await proof({ htu: "https://other.example/userinfo" }),
    "an iat of yesterday": await proof({ nonce: undefined, iat: now() - DAY }),
    "an iat of tomorrow": await proof({ nonce: undefined, iat: now() + DAY }),
    "an iat an hour ago": await proof({ nonce: undefined, iat: now() - 3_600 }),
    "an iat in an hour": await proof({ nonce: undefined, iat: now() + 3_600 }),
    "another ath": await proof({ ath: random(32) }),
    "another key than the token's": await proof({ key: other }),
    "a jti that was used": used,
  };
}

const DAY = 86_400;
