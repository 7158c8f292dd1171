// A citizen logs into an agency: with a password and a code, then with a passkey, then changes their mind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { code, password, through } from "../lib/login.js";
import { newCitizen, nextCode, stack } from "../lib/stack.js";

const agency = stack.agency.url;
const issuer = stack.idp.issuer;
const atAgency = (url) => url.startsWith(`${agency}/`) || url === agency;
const passkeyButton = (page) => page.locator("form[data-passkey] button").first();

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const goLogIn = async (page) => {
  await page.goto(agency);
  await page.locator("main a[href*='/login'], main form[action*='/login'] button").first().click();
  await page.waitForURL(`${issuer}/**`);
};

const logOut = async (page) => {
  await page.goto(agency);
  await page.locator("a[href*='/logout'], form[action*='/logout'] button").first().click();
  await page.waitForLoadState();
  if (page.url().startsWith(issuer)) await page.locator("main form button").first().click();
  await page.waitForURL(`${agency}/**`);
};

for (const language of ["es-CL", "en-GB"]) {
  test(`a citizen logs in with a password and a code, and consents (${language})`, async () => {
    const citizen = newCitizen();
    const visitor = await Visitor.arrive(browser, { language });
    const { page } = visitor;
    await page.goto(agency);
    await visitor.look("agency-before");
    await goLogIn(page);
    await through(page, citizen, atAgency, { look: (name) => visitor.look(name) });
    const seen = await page.innerText("body");
    assert.ok(seen.includes(citizen.family_name), "the agency greets by name");
    assert.ok(seen.replaceAll(".", "").includes(citizen.national_id), "the agency received the national id");
    await visitor.look("agency-after");
    await logOut(page);
    assert.ok(!(await page.innerText("body")).includes(citizen.family_name), "nobody is logged in any more");
    await visitor.look("agency-logged-out");
    await visitor.leave();
  });
}

test("the login page weighs less than 50 kB in all", async () => {
  const visitor = await Visitor.arrive(browser);
  await goLogIn(visitor.page);
  await visitor.page.waitForLoadState("networkidle");
  await visitor.weight();
  await visitor.context.clearCookies();
  const fresh = await Visitor.arrive(browser);
  await fresh.page.goto(visitor.page.url());
  await fresh.page.goto(`${agency}/login`);
  await fresh.page.waitForLoadState("networkidle");
  const bytes = await fresh.weight();
  console.log(`# the login page and what it needs: ${bytes} bytes`);
  assert.ok(bytes > 1_000 && bytes < 50_000, `${bytes} bytes`);
  await visitor.leave();
  await fresh.leave();
});

test("a wrong password is explained, keeps the number, and takes the focus", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  await goLogIn(page);
  await password(page, citizen, "esta no es mi frase");
  await page.waitForLoadState();
  assert.match(await page.title(), /^Error/);
  assert.equal((await page.inputValue("[name=national_id]")).replaceAll(".", ""), citizen.national_id);
  assert.equal(await page.inputValue("[name=password]"), "");
  const focused = await page.evaluate(() => document.activeElement?.getAttribute("role") ?? document.activeElement?.tagName);
  assert.equal(focused, "alert", "the summary has the focus");
  await visitor.look("login-wrong-password");
  await visitor.leave();
});

test("a wrong check digit is explained", async () => {
  const visitor = await Visitor.arrive(browser);
  await goLogIn(visitor.page);
  await password(visitor.page, { national_id: "11.111.111-2", password: "lo que sea, pero largo" });
  await visitor.page.waitForLoadState();
  assert.match(await visitor.page.title(), /^Error/);
  await visitor.look("login-wrong-number");
  await visitor.leave();
});

test("a wrong code is explained, and the right one goes on", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  await goLogIn(page);
  await password(page, citizen);
  await page.waitForSelector("[name=code]");
  await code(page, "000000");
  await page.waitForLoadState();
  assert.match(await page.title(), /^Error/);
  await visitor.look("code-wrong");
  await through(page, citizen, atAgency);
  await visitor.leave();
});

test("a citizen who does not want to share goes back to the agency, which says so", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  await goLogIn(visitor.page);
  await through(visitor.page, citizen, atAgency, { decision: "deny" });
  assert.ok(!(await visitor.page.innerText("body")).includes(citizen.family_name));
  await visitor.look("agency-denied");
  await visitor.leave();
});

test("a citizen adds a passkey and logs in with it, by the button and by autofill", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  const authenticator = await visitor.authenticator();
  await authenticator.present(false);

  await goLogIn(page);
  await through(page, citizen, atAgency);
  await page.goto(`${issuer}/account`);
  await visitor.look("account");
  await page.click("a[href*='passkeys/new']");
  await page.waitForLoadState();
  if (await page.locator("[name=code]").count()) await code(page, await nextCode(citizen));
  await page.waitForSelector("form[data-passkey=create]:not([hidden])");
  await visitor.look("passkey-new");
  await page.fill("[name=name]", "Mi teléfono");
  await authenticator.present(true);
  await passkeyButton(page).click();
  await page.waitForURL((url) => url.pathname === "/account/passkeys/done");
  await visitor.look("passkey-done");
  await page.goto(`${issuer}/account`);
  assert.equal((await authenticator.credentials()).length, 1);
  assert.ok((await authenticator.credentials())[0].isResidentCredential, "it can be found without a username");
  assert.ok((await page.innerText("body")).includes("Mi teléfono"));
  await visitor.look("account-with-passkey");

  await authenticator.present(false);
  await logOut(page);
  await goLogIn(page);
  await page.waitForSelector("form[data-passkey] button:visible");
  await visitor.look("login-passkey");
  const clicked = passkeyButton(page).click();
  await authenticator.present(true);
  await clicked;
  await page.waitForURL((url) => atAgency(url.href) || url.href.startsWith(`${issuer}/consent`));
  await through(page, citizen, atAgency);
  assert.ok((await page.innerText("body")).includes(citizen.family_name), "by the button");

  await logOut(page);
  await goLogIn(page).catch(() => {}); // autofill may be faster than the waiting
  await page.waitForURL((url) => atAgency(url.href));
  assert.ok((await page.innerText("body")).includes(citizen.family_name), "by autofill, without a click");
  await visitor.leave();
});

test("a cancelled passkey leaves the other way open", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  await visitor.authenticator(); // it holds nothing: the ceremony ends with NotAllowedError
  const { page } = visitor;
  await goLogIn(page);
  await passkeyButton(page).click();
  await page.waitForSelector("[data-failed]:visible");
  await visitor.look("login-passkey-failed");
  await through(page, citizen, atAgency);
  await visitor.leave();
});

test("without JavaScript a citizen logs in as well", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser, { javaScript: false });
  const { page } = visitor;
  await goLogIn(page);
  assert.equal(await page.locator("form[data-passkey]:visible").count(), 0, "what needs a script is not offered");
  await visitor.look("login-without-script");
  await through(page, citizen, atAgency);
  assert.ok((await page.innerText("body")).includes(citizen.family_name));
  await visitor.leave();
});

test("the help, privacy and accessibility pages are there in both languages", async () => {
  for (const language of ["es-CL", "en-GB"]) {
    const visitor = await Visitor.arrive(browser, { language });
    await goLogIn(visitor.page);
    const links = await visitor.page.locator("footer a").evaluateAll((all) => all.map((link) => link.href));
    assert.ok(links.length > 0);
    for (const link of links) {
      const answer = await visitor.page.goto(link);
      assert.equal(answer.status(), 200, link);
      await visitor.look(`idp${new URL(link).pathname.replaceAll("/", "-")}`);
    }
    await visitor.leave();
  }
});

test("a dead link and a broken request read as pages", async () => {
  const visitor = await Visitor.arrive(browser);
  for (const [name, url] of [["idp-not-found", `${issuer}/no-hay`], ["idp-unknown-client", `${issuer}/authorize?client_id=nadie`],
    ["agency-lost-callback", `${agency}/login/callback?code=x&state=y`], ["signer-not-found", `${stack.signer.url}/no-hay`]]) {
    await visitor.page.goto(url);
    await visitor.look(name);
  }
  await visitor.leave();
});
