// oidcc-session-management-certification-test-plan.

import { webcrypto } from "node:crypto";
import { createContext, runInContext } from "node:vm";
import { module } from "../lib/runner.js";
import { Op, SUITE } from "../lib/op.js";
import { random } from "../lib/relying-party.js";
import { metadata } from "./config.js";
import { AFTER, gone, leave } from "./logout.js";

const client = () => ({
  metadata: {
    client_name: "Conformance session", redirect_uris: [`${SUITE}/callback`], post_logout_redirect_uris: [AFTER], response_types: ["code"], grant_types: ["authorization_code"], scope: "openid",
    token_endpoint_auth_method: "client_secret_basic", id_token_signed_response_alg: "RS256", require_pkce: false,
  },
});

/** What the provider's frame answers to a message of the client's frame (Session Management §3.2). */
async function ask(op, browser, message) {
  const frame = await browser.open(op.metadata.check_session_iframe);
  op.check(frame.status === 200, `the frame is there: ${frame}`, "OIDCSM-3.2");
  const barred = frame.answer.headers["x-frame-options"] || /frame-ancestors\s+('none'|'self')/.test(frame.answer.headers["content-security-policy"] ?? "");
  op.check(!barred, "other origins may show the frame", "OIDCSM-3.2");
  const listeners = [];
  const window = {
    document: { get cookie() { return browser.readable(frame.url); } }, crypto: webcrypto, TextEncoder, TextDecoder, URL, btoa, atob, Uint8Array, location: new URL(frame.url), console,
    addEventListener: (type, listener) => type === "message" && listeners.push(listener),
  };
  Object.assign(window, { window, self: window, parent: {} });
  createContext(window);
  for (const script of frame.page.scripts) {
    runInContext(script.src ? (await op.suite.network.fetch(new URL(script.src, frame.url))).text : script.text, window, { timeout: 1_000 });
  }
  if (typeof window.onmessage === "function") listeners.push(window.onmessage);
  op.check(listeners.length > 0, "the frame listens for messages", "OIDCSM-3.2");
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the frame does not answer")), 3_000);
    const source = { postMessage: (answer, origin) => resolve({ answer, origin: origin?.targetOrigin ?? origin }) };
    for (const listener of listeners) listener({ data: message, origin: new URL(SUITE).origin, source });
  });
}

const MODULES = [
  module("oidcc-session-management-discovery-endpoint-verification", "check_session_iframe is announced", async (op) => {
    metadata(op);
    for (const name of ["check_session_iframe", "end_session_endpoint"]) op.check(op.metadata[name], `${name} is there`, "OIDCSM-3.3");
  }),
  module("oidcc-session-management-rp-initiated-logout", "the frame says unchanged, and changed after logging out", async (op) => {
    const rp = await op.client();
    const [login, state] = [await op.login(rp, {}, { fresh: true }), random()];
    const { session_state: session } = login.answer;
    op.check(session && !session.includes(" "), "the answer has session_state", "OIDCSM-2");
    const before = await ask(op, login.browser, `${rp.id} ${session}`);
    op.check(before.answer === "unchanged", `the frame says unchanged, not ${before.answer}`, "OIDCSM-3.1");
    op.check(before.origin === new URL(SUITE).origin, "to the client's origin alone", "OIDCSM-3.2");
    op.check((await ask(op, login.browser, "nonsense")).answer === "error", "nonsense is an error", "OIDCSM-3.2");
    op.check((await ask(op, login.browser, `${rp.id} ${session.split(".").reverse().join(".")}`)).answer === "changed", "another state has changed", "OIDCSM-3.2");
    await leave(op, login, { id_token_hint: login.id_token, post_logout_redirect_uri: AFTER, state });
    const after = await ask(op, login.browser, `${rp.id} ${session}`);
    op.check(after.answer === "changed", `the frame says changed, not ${after.answer}`, "OIDCSM-3.1");
    await gone(op, rp, login);
  }),
];

export const session = {
  name: "oidcc-session-management-certification-test-plan", variants: [{}], modules: MODULES, prepare: (test) => new Op(test, client),
  announced: (told) => told.check_session_iframe,
};
