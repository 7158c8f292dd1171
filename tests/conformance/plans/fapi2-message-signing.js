// fapi2-message-signing-final-test-plan: the modules of the Security Profile with signed requests and signed answers
// (JARM), and those on request objects.

import { now, random, signingKey } from "../lib/relying-party.js";
import { BAD_REQUEST, MODULES, of, offered, prepare } from "./fapi2-security-profile.js";

const HOUR = 3_600;

/** A pushed request object that must be refused; `object` breaks one thing. */
const fails = (rest, summary, object) => of(rest, summary, async (op) => {
  const rp = await op.client();
  await op.refusedSomewhere(rp, rp.request(), BAD_REQUEST, { pushed: { object: await object(op, rp) } });
});

/** A pushed request object that must be accepted. */
const succeeds = (rest, summary, claims) => of(rest, summary, async (op) => {
  const rp = await op.client();
  await op.login(rp, {}, { ...(await op.logged()), pushed: { object: { claims: claims(op) } } });
});

const OBJECTS = [
  succeeds("ensure-request-object-with-multiple-aud-succeeds", "the issuer among several audiences", (op) => ({ aud: [op.suite.issuer, "https://other.example"] })),
  succeeds("ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted", "nbf eight seconds ahead", () => ({ nbf: now() + 8, iat: now() + 8 })),
  fails("ensure-request-object-without-exp-fails", "no exp", () => ({ claims: { exp: undefined } })),
  fails("ensure-request-object-without-nbf-fails", "no nbf", () => ({ claims: { nbf: undefined } })),
  fails("ensure-expired-request-object-fails", "exp in the past", () => ({ claims: { exp: now() - 5 * 60, nbf: now() - 10 * 60, iat: now() - 10 * 60 } })),
  fails("ensure-request-object-with-bad-aud-fails", "another audience", () => ({ claims: { aud: "https://other.example" } })),
  fails("ensure-request-object-with-exp-over-60-fails", "more than an hour from nbf to exp", () => ({ claims: { exp: now() + HOUR + 10 * 60 } })),
  fails("ensure-request-object-with-nbf-over-60-fails", "nbf more than an hour ago", () => ({ claims: { nbf: now() - HOUR - 10 * 60 } })),
  fails("ensure-signed-request-object-with-RS256-fails", "signed by RS256", async () => ({ key: await signingKey("RS256") })),
  fails("ensure-request-object-signature-algorithm-is-not-none", "not signed", () => ({ key: null })),
  fails("ensure-request-object-with-invalid-signature-fails", "signed by an unknown key under the known kid", async (op, rp) => ({ key: await signingKey(), header: { kid: rp.keys.thumbprint } })),
  fails("ensure-matching-key-in-authorization-request", "signed by another client", async (op) => ({ key: (await op.client("second")).keys })),
  of("ensure-unsigned-request-at-par-endpoint-fails", "parameters that are not in a request object", async (op) => {
    const rp = await op.client();
    await op.refusedSomewhere(rp, rp.request(), BAD_REQUEST, { pushed: { plain: true } });
  }),
  fails("par-authorization-request-containing-request_uri", "a request_uri inside the object", () => ({ claims: { request_uri: `urn:ietf:params:oauth:request_uri:${random()}` } })),
];

const VARIANTS = [{ auth: "private_key_jwt", sender: "dpop" }, { auth: "mtls", sender: "mtls" }].map((variant) => ({ ...variant, request: "signed", response: "jarm" }));

export const signing = {
  name: "fapi2-message-signing-final-test-plan", variants: VARIANTS, modules: [...MODULES, ...OBJECTS], prepare,
  announced: (told) => offered(VARIANTS, told).length > 0, offered: (told) => offered(VARIANTS, told),
};
