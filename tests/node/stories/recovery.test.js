// A citizen's worst day: the phone is gone. They stop the account, get it back with two codes, and hear of it all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { code, password, sendForm } from "../lib/login.js";
import { newCitizen, nextCode, stack } from "../lib/stack.js";

const issuer = stack.idp.issuer;
const passkeyButton = (page) => page.locator("form[data-passkey] button").first();

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Reads the newest letter to this citizen whose text matches. */
const letter = async (person, pattern) => {
  const reader = await browser.newContext();
  const page = await reader.newPage();
  try {
    for (let asked = 0; asked < 60; asked += 1) {
      await page.goto(`${issuer}/dev/mail`);
      const letters = await page.locator("section", { hasText: person.email }).allInnerTexts();
      const found = letters.map((text) => text.match(pattern)).find(Boolean);
      if (found) return found[1];
      await page.waitForTimeout(500);
    }
    throw new Error(`no letter to ${person.email} says ${pattern}`);
  } finally {
    await reader.close();
  }
};

const logIn = async (page, person) => {
  await page.goto(`${issuer}/account`);
  await password(page, person);
  await code(page, await nextCode(person));
  await page.waitForURL(`${issuer}/account`);
};

/** The sheet of codes, made while everything is well. */
const sheet = async (page) => {
  await page.goto(`${issuer}/account/recovery-codes`);
  await page.locator("main form button").last().click();
  return page.locator("samp").allInnerTexts();
};

const begin = async (page, person) => {
  await page.goto(`${issuer}/recover/begin`);
  await page.fill("[name=national_id]", person.national_id);
  await sendForm(page, "national_id");
  await page.waitForURL(`${issuer}/recover/proof`);
};

const mailedCode = async (page, person) => {
  await page.locator("form[action='/recover/proof/ask'] button").click();
  const mailed = await letter(person, /\b([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\b/);
  await page.fill("#code", mailed);
  await page.locator("form[action='/recover/proof/code'] button").click();
};

test("whoever lost everything but the sheet and the mailbox comes back with a passkey", async () => {
  const person = newCitizen();
  const before = await Visitor.arrive(browser);
  await logIn(before.page, person);
  const [saved] = await sheet(before.page);
  await before.leave();

  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  await page.goto(`${issuer}/account`);
  await page.locator("a[href='/recover']").first().click();
  await visitor.look("recover");
  await page.locator("a[href='/recover/begin']").first().click();
  await visitor.look("recover-begin");
  await begin(page, person);
  await visitor.look("recover-code");
  await page.fill("#code", "0000-0000");
  await page.locator("form[action='/recover/proof/code'] button").click();
  await visitor.look("recover-code-wrong");
  await page.fill("#code", saved);
  await page.locator("form[action='/recover/proof/code'] button").click();
  await visitor.look("recover-second");
  await mailedCode(page, person);
  await page.waitForURL(`${issuer}/recover/wait`);
  await visitor.look("recover-ready");

  await visitor.authenticator();
  await page.locator("form[action='/recover/open'] button").click();
  await page.waitForURL(`${issuer}/activate/passkey**`);
  await passkeyButton(page).click();
  await page.waitForURL(`${issuer}/activate/done`);
  await page.goto(`${issuer}/account`);
  assert.ok((await page.innerText("body")).includes(person.family_name));
  await visitor.leave();

  const old = await Visitor.arrive(browser);
  await old.page.goto(`${issuer}/account`);
  await password(old.page, person);
  assert.ok(await old.page.locator(".summary").isVisible(), "the password of before opens nothing");
  await old.leave();
});

test("whoever was robbed locks the account with the password, without script", async () => {
  const person = newCitizen();
  const thief = await Visitor.arrive(browser);
  await logIn(thief.page, person);
  const visitor = await Visitor.arrive(browser, { javaScript: false });
  const { page } = visitor;
  await page.goto(`${issuer}/recover/block`);
  await visitor.look("block");
  await page.fill("[name=national_id]", person.national_id);
  await page.fill("[name=password]", person.password);
  await sendForm(page, "national_id");
  await page.waitForURL(`${issuer}/recover/done**`);
  await visitor.look("blocked");
  await thief.page.goto(`${issuer}/account`);
  assert.ok(thief.page.url().startsWith(`${issuer}/login`), "the thief is out");
  await password(thief.page, person);
  await code(thief.page, await nextCode(person));
  assert.equal(await thief.page.locator("h1").innerText(), "Tu cuenta está bloqueada");
  await thief.look("account-frozen");
  await thief.leave();
  await visitor.leave();
});

test("a letter's link asks first, and then stops the recovery", async () => {
  const person = newCitizen();
  const thief = await Visitor.arrive(browser);
  await begin(thief.page, person);
  await mailedCode(thief.page, person);
  await thief.page.fill("[name=password]", person.password);
  await sendForm(thief.page, "password");
  await thief.page.waitForURL(`${issuer}/recover/wait`);
  const link = await letter(person, /(\/not-me\?token=\S+)/);
  const visitor = await Visitor.arrive(browser);
  await visitor.page.goto(`${issuer}${link}`);
  await visitor.look("not-me");
  await thief.page.reload();
  assert.equal(thief.page.url(), `${issuer}/recover/wait`, "opening the link stops nothing");
  await visitor.page.locator("form:has([value=stop]) button").click();
  await visitor.page.waitForURL(`${issuer}/recover/done**`);
  await thief.page.goto(`${issuer}/recover/wait`);
  assert.equal(thief.page.url(), `${issuer}/recover`);
  await visitor.leave();
  await thief.leave();
});
