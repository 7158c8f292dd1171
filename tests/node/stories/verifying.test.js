// The public verifier as a citizen meets it: on a slow line, with a document that has a password, without scripts, by
// keyboard alone.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { root, stack } from "../lib/stack.js";

const verifier = `${stack.signer.url}/verify`;
// AES-256, opened by "usuaria"; nobody signed it.
const locked = join(root, "..", "sdk", "document", "tests", "data", "pdf", "r6.pdf");
const folder = mkdtempSync(join(tmpdir(), "aval-"));

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const javaScript of [true, false]) {
  test(`a document with a password opens by it (${javaScript ? "with" : "without"} scripts)`, async () => {
    const visitor = await Visitor.arrive(browser, { javaScript });
    const { page } = visitor;
    await page.goto(verifier);
    await page.setInputFiles("input[type=file]", locked);
    await page.click("main form button");
    await page.waitForSelector("[name=password]");
    assert.equal(await page.locator(".verdict.warn").count(), 1, "it is not signed");
    await visitor.look(`verify-locked-${javaScript}`);
    await page.fill("[name=password]", "otra");
    await page.setInputFiles("input[type=file]", locked);
    await page.click("main form button");
    await page.waitForSelector("#password-error");
    assert.equal(await page.inputValue("[name=password]"), "", "a password is not sent back");
    await visitor.look(`verify-locked-still-${javaScript}`);
    await page.fill("[name=password]", "usuaria");
    await page.setInputFiles("input[type=file]", locked);
    await page.click("main form button");
    await page.waitForSelector(".verdict");
    await page.waitForSelector("[name=password]", { state: "detached" });
    await visitor.leave();
  });
}

test("on a slow line one sees how much was sent, and then the answer", async () => {
  const large = join(folder, "grande.pdf");
  writeFileSync(large, Buffer.concat([readFileSync(locked), Buffer.alloc(600_000, "% ")]));
  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  await page.goto(verifier);
  const devtools = await visitor.context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", { offline: false, latency: 100, downloadThroughput: 200_000, uploadThroughput: 200_000 });
  await page.setInputFiles("input[type=file]", large);
  await page.click("main form button");
  await page.waitForFunction(() => { const bar = document.querySelector("progress"); return bar && !bar.hidden && bar.value > 0 && bar.value < bar.max; });
  assert.ok((await page.innerText("[role=status]")).length > 0, "and it is said in words");
  assert.ok(await page.locator("main form button").isDisabled(), "a second click sends nothing again");
  await visitor.look("verify-sending");
  await page.waitForSelector(".verdict");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main", "who reads by ear is led to the answer");
  assert.equal(await page.title().then((title) => title.split(" · ")[0]), await page.innerText("h1"));
  await visitor.leave();
});

test("a line that breaks is told, and the file stays chosen", async () => {
  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  await page.goto(verifier);
  await page.setInputFiles("input[type=file]", locked);
  await page.route("**/verify", (route) => route.abort());
  await page.click("main form button");
  await page.waitForSelector("[role=status].error");
  await visitor.look("verify-failed");
  await page.unroute("**/verify");
  await page.click("main form button");
  await page.waitForSelector(".verdict");
  await visitor.leave();
});

test("a large file that is no document is told so while it is still being sent", async () => {
  const large = join(folder, "foto.pdf");
  writeFileSync(large, Buffer.alloc(30_000_000, 7));
  for (const javaScript of [true, false]) {
    const visitor = await Visitor.arrive(browser, { javaScript });
    const { page } = visitor;
    await page.goto(verifier);
    await page.setInputFiles("input[type=file]", large);
    await page.click("main form button");
    await page.waitForSelector("#document-error");
    await visitor.leave();
  }
});

test("the whole of it by keyboard", async () => {
  const visitor = await Visitor.arrive(browser, { language: "en-GB" });
  const { page } = visitor;
  await page.goto(verifier);
  await page.setInputFiles("input[type=file]", locked);
  await page.focus("input[type=file]");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".verdict");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "password", "the next stop is what is asked");
  await visitor.leave();
});
