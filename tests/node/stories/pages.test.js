// Every page of the provider that links lead to, in both languages, with and without a script; and what its form
// answers when it is sent empty. New pages are found by themselves: what nothing links to is not a page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { code, through } from "../lib/login.js";
import { newCitizen, newClient, nextCode, quick, stack } from "../lib/stack.js";

const issuer = stack.idp.issuer;
// WCAG 2.2, 1.4.10: no scrolling in two directions on a screen of this width.
const NARROW = { width: 320, height: 640 };
// pages.md, 6.3: what a page may weigh in all, on a slow phone.
const HEAVIEST = 50_000;
// A passkey's form is sent by its script, once the device has answered.
const FORMS = "form[method=post]:not([data-passkey])";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const LANGUAGES = quick ? ["es-CL"] : ["es-CL", "en-GB"];
const ways = LANGUAGES.flatMap((language) => [true, false].map((javaScript) => ({ language, javaScript })));
const said = ({ language, javaScript }) => `${language}, ${javaScript ? "with" : "without"} a script`;

/** A page's place in the house: its path, without what differs from visit to visit. */
const place = (url) => new URL(url).pathname;

/** Links of this page that stay here and change nothing. */
const links = (page) => page.locator("a[href]").evaluateAll((all, home) => all.map((link) => link.href)
  .filter((href) => href.startsWith(`${home}/`) && !/\/(logout|language|dev)\b/.test(new URL(href).pathname) && !href.includes("#")), issuer);

/** What a reviewer's picture and axe say, and what it weighs, how narrow it may be, and how a keyboard walks it. */
async function judge(visitor, name) {
  const { page } = visitor;
  await visitor.look(name);
  await page.setViewportSize(NARROW);
  const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
  if (spill > 0) visitor.complaints.push(`${name}: ${spill} px wider than ${NARROW.width} px`);
  await page.setViewportSize({ width: 360, height: 740 });
  if (visitor.javaScript) visitor.complaints.push(...(await keyboard(page)).map((complaint) => `${name}: ${complaint}`));
}

/** Every control is reached by Tab, is seen when it has the focus, and is not hidden under something else. */
async function keyboard(page) {
  const controls = await page.evaluate(() => {
    document.activeElement?.blur?.();
    window.scrollTo(0, 0);
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
    return all.filter((control) => control.checkVisibility() && !control.disabled && control.type !== "hidden"
      && !(control.type === "radio" && !control.checked)).length;
  });
  const complaints = [];
  const reached = new Set();
  for (let step = 0; step <= controls + 8; step += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const control = document.activeElement;
      if (!control || control === document.body) return null;
      const box = control.getBoundingClientRect();
      const style = getComputedStyle(control);
      const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const covered = top && top !== control && !control.contains(top) && !top.contains(control) && !control.labels?.[0]?.contains(top);
      const all = [...document.querySelectorAll("*")];
      return { at: all.indexOf(control), words: (control.innerText || control.name || control.tagName).trim().slice(0, 40), ringed, covered: Boolean(covered), small: box.width === 0 };
    });
    if (!found) continue; // past the last control, and round again: an error page begins at its summary
    if (reached.has(found.at)) break;
    reached.add(found.at);
    if (!found.ringed) complaints.push(`"${found.words}" has the focus and does not show it`);
    if (found.covered) complaints.push(`"${found.words}" has the focus under something else`);
  }
  if (reached.size < controls) complaints.push(`Tab reaches ${reached.size} of ${controls} controls`);
  return complaints;
}

/** Walks every page that links lead to from `starts`; `visit(name)` sees each once. */
async function walk(visitor, starts, visit) {
  const { page } = visitor;
  const waiting = [...starts];
  const seen = new Set();
  while (waiting.length > 0) {
    const url = waiting.shift();
    if (seen.has(place(url))) continue;
    seen.add(place(url));
    await visitor.weight();
    const answer = await page.goto(url);
    assert.ok(answer.status() < 500, `${url}: ${answer.status()}`);
    seen.add(place(page.url()));
    await page.waitForLoadState("networkidle");
    const bytes = await visitor.weight();
    assert.ok(bytes < HEAVIEST, `${url}: ${bytes} bytes`);
    const name = `page${place(page.url()).replaceAll("/", "-")}`;
    waiting.push(...await links(page));
    await visit(name, url);
  }
  return seen;
}

/** Sends each form of this page that has something to fill in, with nothing in it, and looks at the answer. */
async function sendEmpty(visitor, name, url) {
  const { page } = visitor;
  const forms = await page.locator(FORMS).evaluateAll((all) => all.map((form, at) => ({ at,
    fields: [...form.elements].filter((field) => /^(text|password|email|tel|search|number)$/.test(field.type) && field.checkVisibility()).length })));
  for (const { at, fields } of forms) {
    if (fields === 0) continue;
    await page.goto(url);
    const form = page.locator(FORMS).nth(at);
    await form.evaluate((it) => {
      it.noValidate = true;
      for (const field of it.elements) if (/^(text|password|email|tel|search|number)$/.test(field.type)) field.value = "";
    });
    const [answer] = await Promise.all([page.waitForNavigation(), form.locator("button:not([type=button]):visible").first().click()]);
    assert.ok(answer.status() >= 200 && answer.status() < 500, `${name}: ${answer.status()}`);
    assert.match(await page.title(), /^Error/, `${name}: an empty form is an error that the title tells`);
    assert.ok(await page.locator("[role=alert]").count() > 0, `${name}: the page says what is missing`);
    await judge(visitor, `${name}-empty-${at}`);
  }
}

for (const way of ways) {
  test(`rows 84 and 87: what a stranger sees keeps to its policy and asks nobody else (${said(way)})`, async () => {
    const client = newClient({ grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "authorization_code"] });
    const visitor = await Visitor.arrive(browser, way);
    const { page } = visitor;
    await page.goto(`${stack.agency.url}/login`);
    const login = page.url();
    assert.ok(client.client_id && login.startsWith(issuer));
    const seen = await walk(visitor, [login, `${issuer}/help`, `${issuer}/device`, `${issuer}/activate`, `${issuer}/recover`, `${issuer}/logged-out`], async (name, url) => {
      await judge(visitor, name);
      await sendEmpty(visitor, name, url);
    });
    assert.ok(seen.size >= 7, [...seen].join(" "));
    await visitor.leave();
  });

  test(`rows 84 and 87: what a citizen sees of their own keeps to its policy and asks nobody else (${said(way)})`, async () => {
    const citizen = newCitizen();
    const visitor = await Visitor.arrive(browser, way);
    const { page } = visitor;
    await page.goto(`${issuer}/account`);
    await through(page, citizen, (url) => place(url) === "/account");
    const seen = await walk(visitor, [`${issuer}/account`], async (name, url) => {
      // Some pages change what opens the account: they ask for presence first, once the last proof is old.
      if (await page.locator("[name=code]").count()) {
        await code(page, await nextCode(citizen));
        await page.waitForLoadState();
      }
      await judge(visitor, name);
      await sendEmpty(visitor, name, url);
    });
    assert.ok(seen.size >= 8, [...seen].join(" "));
    await visitor.leave();
  });
}

test("a citizen goes all the way with the keyboard alone", async () => {
  const citizen = newCitizen();
  const visitor = await Visitor.arrive(browser);
  const { page } = visitor;
  await page.goto(stack.agency.url);
  await page.locator("main a[href*='/login'], main form[action*='/login'] button").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${issuer}/**`);
  await page.locator("[name=national_id]").focus();
  await page.keyboard.type(citizen.national_id);
  for (let tabs = 0; tabs < 10 && !(await page.evaluate(() => document.activeElement?.name === "password")); tabs += 1) await page.keyboard.press("Tab");
  await page.keyboard.type(citizen.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name=code]");
  assert.equal(await page.evaluate(() => document.activeElement?.name), "code", "the only field has the focus");
  await page.keyboard.type(await nextCode(citizen));
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name=decision]");
  for (let tabs = 0; tabs < 20 && !(await page.evaluate(() => document.activeElement?.value === "allow")); tabs += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${stack.agency.url}/**`);
  assert.ok((await page.innerText("body")).includes(citizen.family_name));
  await visitor.leave();
});
