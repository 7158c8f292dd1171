// A citizen leaves: an agency hears of it in a frame of the goodbye, and its own frame sees the session change.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { through } from "../lib/login.js";
import { newCitizen, newClient, stack } from "../lib/stack.js";

const { issuer } = stack.idp;
const AGENCY = "http://localhost:9000";
const heard = [];

/** The agency's page that asks the provider's frame (Session Management 1.0 section 3.1), and says what it was answered. */
const watch = (question) => `<!doctype html><title>agency</title><p id="answer">-</p>
<iframe id="op" src="${issuer}/session/check"></iframe><script>
const op = document.getElementById("op");
addEventListener("message", ({ data, origin }) => {
  if (origin === ${JSON.stringify(issuer)}) document.getElementById("answer").textContent = data;
});
op.addEventListener("load", () => op.contentWindow.postMessage(${JSON.stringify(question)}, ${JSON.stringify(issuer)}));
</script>`;

let browser, agency;
before(async () => {
  browser = await launch();
  agency = createServer((request, response) => {
    const url = new URL(request.url, AGENCY);
    if (url.pathname === "/hear") heard.push(Object.fromEntries(url.searchParams));
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(url.pathname === "/watch" ? watch(url.searchParams.get("ask")) : "<!doctype html><title>agency</title><p>hello");
  });
  await new Promise((ready) => agency.listen(9000, "localhost", ready));
});
after(async () => {
  await browser?.close();
  agency?.close();
});

const request = (client) => `${issuer}/authorize?${new URLSearchParams({
  client_id: client.client_id, redirect_uri: `${AGENCY}/callback`, response_type: "code", scope: "openid", state: "s",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256",
})}`;

/** What the provider's frame answers, in this very browser. */
async function ask({ page }, question) {
  await page.goto(`${AGENCY}/watch?${new URLSearchParams({ ask: question })}`);
  await page.waitForFunction(() => document.getElementById("answer").textContent !== "-");
  return page.innerText("#answer");
}

for (const javaScript of [true, false]) {
  test(`leaving is heard in a frame, and the browser goes on ${javaScript ? "at once" : "without scripts"}`, async () => {
    const client = newClient({ frontchannel_logout_uri: `${AGENCY}/hear` });
    const visitor = await Visitor.arrive(browser, { javaScript });
    const { page } = visitor;
    await page.goto(request(client));
    await through(page, newCitizen(), (url) => url.startsWith(`${AGENCY}/callback`));
    const session = new URL(page.url()).searchParams.get("session_state");
    const question = `${client.client_id} ${session}`;
    if (javaScript) {
      assert.equal(await ask(visitor, question), "unchanged");
      assert.equal(await ask(visitor, "nonsense"), "error");
      assert.equal(await ask(visitor, `other ${session}`), "changed");
    }
    heard.length = 0;
    await page.goto(`${issuer}/logout?${new URLSearchParams({ client_id: client.client_id, post_logout_redirect_uri: `${AGENCY}/`, state: "bye" })}`);
    await page.locator("form[action='/logout/confirm'] button").click();
    await page.waitForURL(`${AGENCY}/?state=bye`);
    assert.equal(heard.length, 1, "the agency heard once");
    assert.equal(heard[0].iss, issuer);
    assert.match(heard[0].sid, /^[0-9a-f]{32}$/);
    if (javaScript) assert.equal(await ask(visitor, question), "changed");
    await visitor.leave();
  });
}
