// oidcc-rp-initiated-logout-certification-test-plan.

import { UnsecuredJWT, decodeJwt, decodeProtectedHeader } from "jose";
import { module } from "../lib/runner.js";
import { Op, SUITE } from "../lib/op.js";
import { random, sign, signingKey } from "../lib/relying-party.js";
import { metadata } from "./config.js";

export const AFTER = `${SUITE}/post_logout_redirect`;

const client = () => ({
  metadata: {
    client_name: "Conformance logout", redirect_uris: [`${SUITE}/callback`], post_logout_redirect_uris: [AFTER], response_types: ["code"], grant_types: ["authorization_code"], scope: "openid",
    token_endpoint_auth_method: "client_secret_basic", id_token_signed_response_alg: "RS256", require_pkce: false,
  },
});

/** Sends the browser to the end_session_endpoint and says yes if the citizen is asked. */
export async function leave(op, login, parameters) {
  const url = new URL(op.metadata.end_session_endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return op.walk(await login.browser.open(url), { ...login, until: (what) => !["logout", "onward"].includes(what) });
}

/** That nobody is logged in any more. */
export async function gone(op, rp, login) {
  const request = rp.request({ prompt: "none" });
  const { visit } = await op.send(rp, request, login);
  const { error } = await op.answered(rp, request, visit);
  op.check(["login_required", "interaction_required", "account_selection_required"].includes(error), `the session is over: login_required, not ${error ?? "a code"}`, "OIDCRIL-2");
}

const returned = (op, { visit }, state) => {
  op.check(visit.left, `the browser comes back to the client, but it is at: ${visit}`, "OIDCRIL-3");
  op.check(`${visit.left.url.origin}${visit.left.url.pathname}` === AFTER, "to post_logout_redirect_uri", "OIDCRIL-3");
  op.check(visit.left.parameters.state === state, "with the state that was sent", "OIDCRIL-3");
};
const stayed = (op, { visit }) => {
  op.check(!visit.left, `no redirect to the client, but ${visit}`, "OIDCRIL-3");
  op.check(visit.page?.text && visit.status < 500, "the provider shows a page", "OIDCRIL-3");
  op.review(`page “${visit.page.title}”`);
};

/** A logout that ends back at the client. */
const succeeds = (name, summary, parameters, state) => module(`oidcc-rp-initiated-logout${name}`, summary, async (op) => {
  const [rp, sent] = [await op.client(), state()];
  const login = await op.login(rp, {}, { fresh: true });
  returned(op, await leave(op, login, parameters(login, sent)), sent);
  await gone(op, rp, login);
});

/** A logout that ends on a page of the provider; `over` where the session must have ended. */
const stays = (name, summary, parameters, over = false) => module(`oidcc-rp-initiated-logout-${name}`, summary, async (op) => {
  const rp = await op.client();
  const login = await op.login(rp, {}, { fresh: true });
  stayed(op, await leave(op, login, await parameters(login, rp)));
  if (over) await gone(op, rp, login);
});

const hint = (login) => ({ id_token_hint: login.id_token });

const MODULES = [
  module("oidcc-rp-initiated-logout-discovery-endpoint-verification", "end_session_endpoint is announced", async (op) => {
    metadata(op);
    op.check(op.metadata.end_session_endpoint, "end_session_endpoint is there", "OIDCRIL-2.1");
  }),
  succeeds("", "hint, address and state", (login, state) => ({ ...hint(login), post_logout_redirect_uri: AFTER, state }), random),
  stays("bad-post-logout-redirect-uri", "an address that is not registered", (login) => ({ ...hint(login), post_logout_redirect_uri: `${SUITE}/${random(8)}`, state: random() })),
  stays("modified-id-token-hint", "a hint changed to alg none", (login) => ({
    id_token_hint: new UnsecuredJWT(decodeJwt(login.id_token)).encode(), post_logout_redirect_uri: AFTER, state: random(),
  })),
  module("oidcc-rp-initiated-logout-no-id-token-hint", "an address without a hint", async (op) => {
    const rp = await op.client();
    const login = await op.login(rp, {}, { fresh: true });
    const end = await leave(op, login, { post_logout_redirect_uri: AFTER, state: random() });
    // The original leaves both open: a page, or the way back after the citizen agreed
    if (end.visit.left) op.check(end.asked.includes("logout"), "the citizen was asked before the redirect", "OIDCRIL-2");
    else stayed(op, end);
    await gone(op, rp, login);
  }),
  stays("no-params", "no parameters at all", () => ({}), true),
  stays("no-post-logout-redirect-uri", "a hint and no address", (login) => ({ ...hint(login), state: random() }), true),
  succeeds("-no-state", "no state", (login) => ({ ...hint(login), post_logout_redirect_uri: AFTER }), () => undefined),
  stays("only-state", "only a state", () => ({ state: random() }), true),
  stays("query-added-to-post-logout-redirect-uri", "?foo=bar added to the address", (login) => ({ ...hint(login), post_logout_redirect_uri: `${AFTER}?foo=bar`, state: random() })),
  stays("bad-id-token-hint", "a hint that the suite signed", async (login) => {
    const key = await signingKey("RS256");
    return { id_token_hint: await sign(key, decodeJwt(login.id_token), { kid: decodeProtectedHeader(login.id_token).kid }), post_logout_redirect_uri: AFTER, state: random() };
  }),
];

export const logout = {
  name: "oidcc-rp-initiated-logout-certification-test-plan", variants: [{}], modules: MODULES, prepare: (test) => new Op(test, client), announced: (metadata) => metadata.end_session_endpoint,
};
