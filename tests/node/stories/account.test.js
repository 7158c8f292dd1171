// A citizen looks after their own account: addresses for notices, language, who looked, a copy of it all, the end.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { through } from "../lib/login.js";
import { newCitizen, stack } from "../lib/stack.js";

const { issuer } = stack.idp;
let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A citizen on the page of their own account. */
async function athome(person, options) {
  const visitor = await Visitor.arrive(browser, options);
  await visitor.page.goto(`${issuer}/account`);
  await through(visitor.page, person, (url) => url.startsWith(`${issuer}/account`));
  return visitor;
}

/** The text of the latest letter to an address, as /dev/mail shows it; another page than the citizen's. */
async function letter({ context }, address) {
  const page = await context.newPage();
  try {
    for (let tries = 0; tries < 40; tries += 1) {
      await page.goto(`${issuer}/dev/mail`);
      const found = page.locator("section", { hasText: address });
      if (await found.count() > 0) return await found.first().innerText();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(`no letter to ${address}`);
  } finally {
    await page.close();
  }
}

for (const javaScript of [true, false]) {
  test(`a further address is shown to be read, and every address hears of it ${javaScript ? "" : "(without scripts)"}`, async () => {
    const person = newCitizen();
    const other = person.email.replace("@", "+otra@");
    const visitor = await athome(person, { javaScript });
    const { page } = visitor;
    await visitor.look("account");
    await page.click("a[href='/account/contacts']");
    await visitor.look("contacts");
    await page.click("a[href='/account/contacts/new']");
    await page.fill("[name=email]", "no es un correo");
    await page.click("form[action='/account/contacts/new'] button");
    await visitor.look("contact-new-wrong");
    await page.fill("[name=email]", other);
    await page.click("form[action='/account/contacts/new'] button");
    await page.waitForURL(/\/account\/contacts\/code\?contact=/);
    await visitor.look("contact-code");
    const code = (await letter(visitor, other)).match(/\b\d{6}\b/)[0];
    await page.fill("[name=code]", code === "000000" ? "000001" : "000000");
    await page.click("form[action='/account/contacts/code'] button");
    await visitor.look("contact-code-wrong");
    await page.fill("[name=code]", code);
    await page.click("form[action='/account/contacts/code'] button");
    await page.waitForURL(/done=added/);
    await visitor.look("contacts-added");
    assert.match(await letter(visitor, person.email), /Agregaste un correo/);
    await visitor.leave();
  });
}

test("the language of pages and letters is the citizen's", async () => {
  const visitor = await athome(newCitizen());
  const { page } = visitor;
  await page.selectOption("[name=language]", "en");
  await page.click("form[action='/account/language'] button");
  await page.waitForURL(/lang=en/);
  assert.match(await page.innerText("h1"), /Hello, Amanda/);
  await visitor.look("account");
  await visitor.leave();
});

test("a citizen sees who looked, takes a copy of everything, and closes the account", async () => {
  const person = newCitizen();
  const visitor = await athome(person);
  const { page } = visitor;
  await page.click("a[href='/account/looks']");
  await visitor.look("looks");
  await page.goto(`${issuer}/account/data`);
  await visitor.look("data");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("form[action='/account/data'] button")]);
  const copy = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.equal(copy.person.email, person.email);
  assert.ok(copy.history.length > 2);
  await page.goto(`${issuer}/account/close`);
  await visitor.look("close");
  await page.click("form[action='/account/close'] button");
  await page.waitForURL(/\/logged-out/);
  assert.match(await letter(visitor, person.email), /Cerraste tu cuenta/);
  await visitor.leave();
});
