// Keys of every kind in a real browser: synced and bound, with and without PIN, and those of before passkeys (U2F).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { code, password, through } from "../lib/login.js";
import { newCitizen, nextCode, stack } from "../lib/stack.js";

const issuer = stack.idp.issuer;
const atAccount = (url) => new URL(url).origin === new URL(issuer).origin && new URL(url).pathname === "/account";
const key = (page) => page.locator("form[data-passkey] button").first();

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** A citizen who has logged in with a password and a code and stands where keys are added. */
const adding = async (options, kind = "") => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  const authenticator = await visitor.authenticator(options);
  const { page } = visitor;
  await authenticator.present(false);
  await page.goto(`${issuer}/account`);
  await through(page, citizen, atAccount);
  await page.goto(`${issuer}/account/passkeys/new${kind}`);
  await page.waitForSelector("form[data-passkey=create]:not([hidden])");
  await authenticator.present(true);
  return { citizen, visitor, authenticator, page };
};

const add = async (page, name) => {
  await page.fill("[name=name]", name);
  await key(page).click();
  await page.waitForURL((url) => url.pathname === "/account/passkeys/done");
};

const leaveSession = async (page) => {
  await page.goto(`${issuer}/account`);
  await page.locator("form[action='/account/logout'] button").first().click();
  await page.waitForURL((url) => url.pathname === "/logged-out");
};

for (const [what, options, tag] of [
  ["a synced passkey", { defaultBackupEligibility: true, defaultBackupState: true }, "Sincronizada"],
  ["a passkey that stays on its device", { defaultBackupEligibility: false }, "Solo en este equipo"],
]) {
  test(`${what} is added, shown as what it is, and logs in without a name`, async () => {
    const { visitor, authenticator, page } = await adding(options);
    await add(page, "Mi equipo");
    assert.ok((await page.innerText("main")).includes("otra"), "a second one is offered after the first");
    await visitor.look("passkey-first-done");
    await page.goto(`${issuer}/account`);
    assert.ok((await page.innerText("body")).includes(tag));
    await authenticator.present(false);
    await leaveSession(page);
    await authenticator.present(true);
    await page.goto(`${issuer}/account`).catch(() => {}); // autofill may be faster than the waiting
    await page.waitForURL((url) => atAccount(url.href));
    await visitor.leave();
  });
}

for (const [what, options] of [
  ["a security key without PIN", { protocol: "ctap2", transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false }],
  ["a key of before passkeys (U2F)", { protocol: "u2f", transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false }],
]) {
  test(`${what} completes a password and does not log in by itself`, async () => {
    const { citizen, visitor, authenticator, page } = await adding(options, "?kind=security-key");
    await visitor.look("security-key-new");
    await add(page, "Llave azul");
    assert.equal((await authenticator.credentials()).length, 1);
    assert.equal((await authenticator.credentials())[0].isResidentCredential, false);
    await leaveSession(page);
    await page.goto(`${issuer}/account`);
    await password(page, citizen);
    await page.waitForSelector("form[data-passkey] button:visible");
    await page.locator("a[href*='/login/methods']").click();
    await visitor.look("login-methods");
    assert.ok((await page.innerText("main")).includes("Llave azul"));
    await page.locator("a[href*='with=key']").first().click();
    await page.waitForSelector("form[data-passkey] button:visible");
    await visitor.look("second-step-key");
    await key(page).click();
    await page.waitForURL((url) => atAccount(url.href));
    await visitor.leave();
  });
}

test("who does not verify themselves on the device logs in the other way", async () => {
  const { citizen, visitor, authenticator, page } = await adding({});
  await add(page, "Mi equipo");
  await authenticator.present(false);
  await leaveSession(page);
  await authenticator.verified(false);
  await page.goto(`${issuer}/account`);
  await page.waitForSelector("form[data-passkey] button:visible");
  const clicked = key(page).click();
  await authenticator.present(true);
  await clicked;
  await page.waitForSelector("[data-failed]:visible");
  await authenticator.present(false);
  await password(page, citizen);
  await page.waitForSelector("[name=code]");
  await code(page, await nextCode(citizen));
  await page.waitForURL((url) => atAccount(url.href));
  await visitor.leave();
});

test("the same device is not added twice", async () => {
  const { visitor, page } = await adding({});
  await add(page, "Mi equipo");
  await page.goto(`${issuer}/account/passkeys/new`);
  await page.waitForSelector("form[data-passkey=create]:not([hidden])");
  await page.fill("[name=name]", "Otra vez");
  await key(page).click();
  await page.waitForSelector("[data-exists]:visible");
  await visitor.leave();
});
