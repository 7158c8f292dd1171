// OpenID Connect Session Management 1.0 section 3.3: an agency's frame asks "client session_state", and hears whether the
// session that it was told of goes on in this browser. Nothing else leaves this frame.
"use strict";
addEventListener("message", async ({ data, origin, source }) => {
  if (!source || origin === "null") return;
  const tell = (word) => source.postMessage(word, origin);
  const parts = typeof data === "string" ? /^(\S+) ([\w-]+\.([\w-]+))$/.exec(data) : null;
  if (!parts) return tell("error");
  const [, client, state, salt] = parts;
  const [, browser = ""] = /(?:^|; )(?:__Host-)?aval_idp_state=([\w-]*)/.exec(document.cookie) || [];
  const text = new TextEncoder().encode([client, origin, browser, salt].join(" "));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const name = btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  tell(browser && `${name}.${salt}` === state ? "unchanged" : "changed");
});
