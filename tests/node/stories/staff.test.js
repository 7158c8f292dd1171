// Officials at their desks, from the first operator on: who is given a role, who opens an account for somebody, who helps
// and cannot complete, who audits; and what two of them must agree on. The citizen comes in with a code on paper.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { through } from "../lib/login.js";
import { newCitizen, newClient, quick, service, stack, totp } from "../lib/stack.js";

const issuer = stack.idp.issuer;
const at = (path) => (url) => new URL(url).pathname === path;
const button = (page, action) => page.locator(`form[action='${action}'] button`).first();

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** A person who is logged in, in a browser of their own. */
async function arrives(person, language) {
  const visitor = await Visitor.arrive(browser, { language });
  await visitor.page.goto(`${issuer}/staff/join`);
  await through(visitor.page, person, at("/staff/join"));
  return visitor;
}

/** An invitation from the command line. */
const invitation = (role) => service("idp", ["staff", "invite", "--role", role]).match(/token\s+(\S+)/)[1];

async function joins(visitor, token) {
  const { page } = visitor;
  await page.goto(`${issuer}/staff/join`);
  await page.fill("[name=token]", token);
  await button(page, "/staff/join").click();
  await page.waitForLoadState();
}

/** An official who came by an invitation. */
async function official(role, language, name) {
  const visitor = await arrives(newCitizen({ given_name: name }), language);
  await joins(visitor, invitation(role));
  assert.ok(at("/staff")(visitor.page.url()), `${role}: ${visitor.page.url()}`);
  return visitor;
}

/** Opens a record with a reason; `look` sees the page before it is sent. */
async function opens(visitor, person, reason = "lost_access") {
  const { page } = visitor;
  await page.goto(`${issuer}/staff`);
  await page.fill("#national_id", person.national_id);
  if (reason) await page.selectOption("#reason", reason);
  await page.fill("#reference", "CASO-2026/118");
  await button(page, "/staff/search").click();
  await page.waitForLoadState();
}

const unenrolled = () => {
  const body = String(30_000_000 + Math.floor(Math.random() * 9_000_000));
  const sum = [...body].reverse().reduce((total, digit, index) => total + Number(digit) * (2 + (index % 6)), 0);
  const digit = 11 - (sum % 11);
  return { national_id: `${body}-${digit === 11 ? "0" : digit === 10 ? "K" : digit}`, given_name: "Rayén", family_name: "Huenchumil Ñanco", email: `r${body}@example.cl` };
};

for (const language of quick ? ["es-CL"] : ["es-CL", "en-GB"]) {
  test(`the first operators come by invitation and give roles together (${language})`, async () => {
    const stranger = await arrives(newCitizen({ given_name: "Bruno" }), language);
    await stranger.page.goto(`${issuer}/staff`);
    await stranger.look("staff-not-staff");
    await stranger.page.goto(`${issuer}/staff/join`);
    await stranger.look("staff-join");
    await joins(stranger, "made-up");
    await stranger.look("staff-join-wrong");
    await stranger.leave();

    const first = await official("operator", language, "Olga");
    await first.look("staff-joined");
    const second = await official("operator", language, "Pedro");
    const chosen = newCitizen({ given_name: "Rosa" });
    const { page } = first;
    await page.goto(`${issuer}/staff`);
    await page.fill("#role_national_id", "1-9");
    await button(page, "/staff/roles/propose").click();
    await page.waitForLoadState();
    await first.look("staff-role-nobody");
    await page.fill("#role_national_id", chosen.national_id);
    await page.selectOption("#role", "help_desk");
    await button(page, "/staff/roles/propose").click();
    await page.waitForURL(at("/staff"));
    await first.look("staff-role-proposed");
    const row = (visitor) => visitor.page.locator("li", { hasText: "Rosa" });
    assert.equal(await row(first).locator("button[value=approve]").count(), 0, "nobody approves what they asked for");
    await second.page.goto(`${issuer}/staff`);
    await second.look("staff-to-approve");
    await row(second).locator("button[value=approve]").click();
    await second.page.waitForLoadState();
    await second.look("staff-approved");
    const helper = await arrives(chosen, language);
    await helper.page.goto(`${issuer}/staff`);
    await helper.look("staff-help-desk");
    await row(second).locator("form[action='/staff/roles/end'] button").click();
    await second.page.waitForLoadState();
    await second.look("staff-role-ended");
    assert.equal((await helper.page.goto(`${issuer}/staff`)).status(), 403, "at once");
    for (const visitor of [first, second, helper]) await visitor.leave();
  });

  test(`a registrar gives a code on paper, and its owner comes in with it (${language})`, async () => {
    const registrar = await official("registrar", language, "Rita");
    const { page } = registrar;
    await page.goto(`${issuer}/staff/enrol`);
    await registrar.look("staff-enrol");
    await button(page, "/staff/enrol").click();
    await page.waitForLoadState();
    await registrar.look("staff-enrol-empty");
    const person = unenrolled();
    for (const field of ["national_id", "given_name", "family_name", "email"]) await page.fill(`[name=${field}]`, person[field]);
    await page.selectOption("#proofing", "in_person");
    await button(page, "/staff/enrol").click();
    await page.waitForLoadState();
    await registrar.look("staff-code");
    const code = (await page.locator("#code").innerText()).trim();
    assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await registrar.leave();

    const citizen = await Visitor.arrive(browser, { language });
    const own = citizen.page;
    await citizen.authenticator();
    await own.goto(`${issuer}/activate`);
    await citizen.look("activate");
    await own.fill("[name=national_id]", person.national_id);
    await own.fill("[name=code]", "0000-0000-0000");
    await button(own, "/activate").click();
    await own.waitForLoadState();
    await citizen.look("activate-wrong");
    await own.fill("[name=national_id]", person.national_id);
    await own.fill("[name=code]", code.toLowerCase().replaceAll("-", " "));
    await button(own, "/activate").click();
    await own.waitForURL(at("/activate/passkey"));
    await own.waitForSelector("form[data-passkey=create]:not([hidden])");
    await citizen.look("activate-passkey");
    await own.locator("a[href*='/activate/password']").click();
    await own.waitForURL(at("/activate/password"));
    await citizen.look("activate-password");
    await own.locator("form[action*='/activate/password'] button").click();
    await own.waitForLoadState();
    await citizen.look("activate-password-empty");
    await own.locator("main a[href*='/activate/passkey']").first().click();
    await own.waitForSelector("form[data-passkey=create]:not([hidden])");
    await own.fill("[name=name]", "Mi teléfono");
    await own.locator("form[data-passkey] button").first().click();
    await own.waitForURL(at("/activate/done"));
    await citizen.look("activate-done");
    await own.goto(`${issuer}/account/codes/new`);
    await citizen.look("activate-second-method");
    const secret = (await own.locator("samp").first().innerText()).replaceAll(/\s/g, "");
    await own.fill("[name=name]", "La app del teléfono");
    await own.fill("[name=code]", totp(secret, Math.floor(Date.now() / 30_000)));
    await button(own, "/account/codes/new").click();
    await own.waitForURL(at("/account"));
    await citizen.look("activate-account");
    await citizen.leave();
  });

  test(`the help desk starts a recovery and cannot complete one; two registrars can (${language})`, async () => {
    const person = newCitizen({ given_name: "Ana" });
    const helper = await official("help-desk", language, "Hugo");
    await opens(helper, person, "");
    await helper.look("staff-search-without-reason");
    await opens(helper, unenrolled());
    await helper.look("staff-search-nobody");
    await opens(helper, person);
    assert.match(new URL(helper.page.url()).pathname, /^\/staff\/cases\//);
    await helper.look("staff-case-help-desk");
    assert.equal(await button(helper.page, "/staff/cases/recover").count(), 0);
    assert.ok(!(await helper.page.innerText("main")).includes(person.email), "an address is not told whole");
    await button(helper.page, "/staff/cases/start-recovery").click();
    await helper.page.waitForLoadState();
    await helper.look("staff-recovery-started");

    const registrar = await official("registrar", language, "Rita");
    await opens(registrar, person);
    await registrar.look("staff-case-registrar");
    await button(registrar.page, "/staff/cases/recover").click();
    await registrar.page.waitForLoadState();
    await registrar.look("staff-recovery-proposed");
    const colleague = await official("registrar", language, "Raúl");
    await colleague.page.goto(`${issuer}/staff`);
    await colleague.look("staff-recovery-to-approve");
    const row = (visitor) => visitor.page.locator("li", { hasText: "Rita" });
    await row(colleague).locator("button[value=approve]").first().click();
    await colleague.page.waitForLoadState();
    assert.equal(await button(colleague.page, "/staff/approvals/print").count(), 0, "whoever approved does not see the code");
    await registrar.page.goto(`${issuer}/staff`);
    await registrar.look("staff-recovery-to-print");
    await button(registrar.page, "/staff/approvals/print").click();
    await registrar.page.waitForLoadState();
    await registrar.look("staff-recovery-code");
    assert.match((await registrar.page.locator("#code").innerText()).trim(), /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);

    const own = await arrives(person, language);
    await own.page.goto(`${issuer}/account/looks`);
    await own.look("staff-seen-by-the-citizen");
    assert.ok((await own.page.innerText("main")).length > 100);
    for (const visitor of [helper, registrar, colleague, own]) await visitor.leave();
  });

  test(`an auditor searches the log, walks its chain and takes it away (${language})`, async () => {
    const person = newCitizen();
    const auditor = await official("auditor", language, "Aurora");
    const { page } = auditor;
    await page.goto(`${issuer}/staff/audit`);
    await auditor.look("staff-audit");
    await page.fill("#national_id", person.national_id);
    await button(page, "/staff/audit").click();
    await page.waitForLoadState();
    await auditor.look("staff-audit-without-reason");
    await page.goto(`${issuer}/staff/audit`);
    await page.fill("#event", "role.given");
    await button(page, "/staff/audit").click();
    await page.waitForLoadState();
    await auditor.look("staff-audit-found");
    assert.ok(await page.locator("main ol li").count() > 0);
    await page.fill("#event", "nothing.like.this");
    await button(page, "/staff/audit").click();
    await page.waitForLoadState();
    await auditor.look("staff-audit-none");
    await button(page, "/staff/audit/verify").click();
    await page.waitForLoadState();
    assert.equal(await page.locator("[role=status]").count(), 1, "the chain is whole");
    await auditor.look("staff-audit-unbroken");
    await page.goto(`${issuer}/staff/audit`);
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("button[formaction='/staff/audit/export']")]);
    const lines = readFileSync(await file.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(lines.length > 10);
    lines.forEach((line, index) => assert.equal(line.seq, index + 1, "in order, and none is missing"));
    await auditor.leave();
  });

  test(`operators change keys and stop an agency, and allow it again together (${language})`, async () => {
    const client = newClient({ client_name: `Agencia ${Math.random().toString(36).slice(2, 8)}` });
    const one = await official("operator", language, "Olga");
    const two = await official("operator", language, "Pedro");
    const { page } = one;
    const answered = async (visitor, name) => {
      await visitor.page.waitForLoadState();
      await visitor.look(name);
      assert.equal(await visitor.page.locator("[role=status]").count(), 1, name);
    };
    const agreed = async (asked, name) => {
      await page.goto(`${issuer}/staff`);
      assert.equal(await page.locator("li", { hasText: asked }).locator("button[value=approve]").count(), 0, "nobody approves what they asked for");
      await two.page.goto(`${issuer}/staff`);
      await two.look(`${name}-to-approve`);
      await two.page.locator("li", { hasText: asked }).locator("button[value=approve]").first().click();
      await answered(two, `${name}-approved`);
    };
    await page.goto(`${issuer}/staff/keys`);
    await one.look("staff-keys");
    await page.click("button[name=rotate][value=EdDSA]");
    await answered(one, "staff-keys-proposed");
    await agreed("EdDSA", "staff-keys");
    await page.goto(`${issuer}/staff/keys`);
    await one.look("staff-keys-announced");

    await page.goto(`${issuer}/staff/clients`);
    await one.look("staff-clients");
    await page.getByRole("link", { name: client.client_name }).click();
    await one.look("staff-client");
    await button(page, "/staff/clients/disable").click();
    await answered(one, "staff-client-suspended");
    await button(page, "/staff/clients/enable").click();
    await answered(one, "staff-client-asked");
    await agreed(client.client_id, "staff-client");
    await page.goto(`${issuer}/staff/clients/one?client=${client.client_id}`);
    assert.equal(await button(page, "/staff/clients/disable").count(), 1, "it is allowed again");
    for (const visitor of [one, two]) await visitor.leave();
  });
}
