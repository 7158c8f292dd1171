// An account is activated with one that the person has at another provider: there and back, and everything that keeps
// it from being opened. The other provider is npm oidc-provider.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { House } from "../lib/elsewhere.js";
import { newNumber } from "../lib/stack.js";

const WORDS = {
  "es-CL": {
    offer: "Activar con Registro Civil", far: "Activar con Cédula del Sur", again: "Volver a activar", login: "Ingresar", hello: "Rosa",
    declined: "Tu cuenta sigue sin activar", unproven: "Falta confirmar quién eres", away: "Registro Civil no responde", farAway: "Cédula del Sur no responde",
    unregistered: "Tu número aún no está en el registro", active: "Tu cuenta ya está activa",
  },
  "en-GB": {
    offer: "Activate with Registro Civil", far: "Activate with Cédula del Sur", again: "Back to activation", login: "Log in", hello: "Rosa",
    declined: "Your account is still to be activated", unproven: "We still have to make sure who you are", away: "Registro Civil does not answer", farAway: "Cédula del Sur does not answer",
    unregistered: "Your number is not in the register yet", active: "Your account is active",
  },
};
const languages = Object.keys(WORDS);

let browser, house;
before(async () => { [browser, house] = [await launch(), await House.open()]; });
after(async () => { await browser?.close(); await house?.close(); });

const arrives = (options) => Visitor.arrive(browser, { homes: [house.issuer, house.elsewhere.issuer], ...options });
const heading = (page) => page.locator("h1").first().innerText();

/** From our page to the other provider's. */
async function sets(page, words) {
  await page.goto(`${house.issuer}/activate`);
  await page.getByRole("link", { name: words.offer }).click();
}

/** Logs in there. */
async function shows(page, number) {
  await page.waitForURL(`${house.elsewhere.issuer}/numero/**`);
  await page.fill("[name=number]", number);
  await page.click("#go");
}

for (const language of languages) {
  const words = WORDS[language];

  test(`whoever has an account elsewhere opens theirs with it and a passkey (${language})`, async () => {
    const number = newNumber();
    house.waiting(number, ["Rosa", "Huenchumilla Ñanco"]);
    const visitor = await arrives({ language });
    const { page } = visitor;
    await page.goto(`${house.issuer}/activate`);
    await visitor.look("elsewhere-offer");
    await visitor.authenticator();
    await sets(page, words);
    await shows(page, number);
    await page.waitForURL(`${house.issuer}/activate/passkey**`);
    assert.ok((await heading(page)).includes(words.hello), "the page greets by the name of the register");
    await visitor.look("elsewhere-opened");
    await page.locator("form[data-passkey] button").first().click();
    await page.waitForURL(`${house.issuer}/activate/done`);
    await page.goto(`${house.issuer}/account`);
    assert.ok((await page.innerText("body")).includes("Huenchumilla Ñanco"));

    const again = await arrives({ language });
    await sets(again.page, words);
    await shows(again.page, number);
    await again.page.waitForURL(`${house.issuer}/activate/with/registro/return**`);
    assert.equal(await heading(again.page), words.active, "nobody is logged in by another provider");
    assert.ok(!(await again.context.cookies()).some(({ name }) => name.endsWith("aval_idp_session")));
    await again.leave();
    await visitor.leave();
  });

  test(`whoever goes back there is told how to go on (${language})`, async () => {
    const visitor = await arrives({ language });
    const { page } = visitor;
    await sets(page, words);
    await page.waitForURL(`${house.elsewhere.issuer}/numero/**`);
    await page.click("#back");
    await page.waitForURL(`${house.issuer}/activate/with/registro/return**`);
    assert.equal(await heading(page), words.declined);
    await visitor.look("elsewhere-declined");
    const answered = page.url();
    await page.getByRole("link", { name: words.again }).click();
    assert.equal(page.url(), `${house.issuer}/activate`);
    assert.equal((await page.goto(answered)).status(), 400, "an answer is good once");
    await visitor.leave();
  });

  test(`a number that is nobody's here, or somebody's who logs in already, opens nothing (${language})`, async () => {
    const visitor = await arrives({ language });
    const { page } = visitor;
    await sets(page, words);
    await shows(page, newNumber());
    await page.waitForURL(`${house.issuer}/activate/with/registro/return**`);
    assert.equal(await heading(page), words.unregistered);
    await visitor.look("elsewhere-unregistered");

    const number = newNumber();
    house.active({ national_id: number, given_name: "Luis", family_name: "Soto", email: "luis@example.cl", password: "un puente de madera vieja" });
    await page.context().clearCookies();
    await sets(page, words);
    await shows(page, number);
    await page.waitForURL(`${house.issuer}/activate/with/registro/return**`);
    assert.equal(await heading(page), words.active);
    await visitor.look("elsewhere-active");
    await page.getByRole("link", { name: words.login, exact: true }).last().click();
    await page.waitForURL(`${house.issuer}/login?**`);
    await visitor.leave();
  });

  test(`trouble there is told as theirs (${language})`, async () => {
    const visitor = await arrives({ language });
    const { page } = visitor;
    const trouble = async (error, title, name) => {
      house.elsewhere.trouble = error;
      await sets(page, words);
      await page.waitForURL(`${house.issuer}/activate/with/registro/return**`);
      house.elsewhere.trouble = null;
      assert.equal(await heading(page), title, error);
      if (name) await visitor.look(name);
    };
    await trouble("server_error", words.away, "elsewhere-away");
    visitor.forgive(/^503 /);
    await trouble("temporarily_unavailable", words.away);
    visitor.forgive(/^503 /);
    await trouble("unauthorized_client", words.unproven, "elsewhere-unproven");

    await page.goto(`${house.issuer}/activate`);
    await page.getByRole("link", { name: words.far }).click();
    assert.equal(await heading(page), words.farAway, "nobody is there at all");
    visitor.forgive(/^503 .*\/activate\/with\/lejos/);

    house.elsewhere.says = () => ({ documento: "no es un número" });
    await sets(page, words);
    await shows(page, newNumber());
    await page.waitForURL(`${house.issuer}/activate/with/registro/return**`);
    house.elsewhere.says = (number) => ({ documento: number });
    assert.equal(await heading(page), words.unproven, "a word that names nobody");
    await visitor.leave();
  });
}

test("without script the way leads to a password and a code", async () => {
  const number = newNumber();
  house.waiting(number, ["Rosa", "Sin Guion"]);
  const visitor = await arrives({ javaScript: false });
  const { page } = visitor;
  await sets(page, WORDS["es-CL"]);
  await shows(page, number);
  await page.waitForURL(`${house.issuer}/activate/passkey**`);
  await visitor.look("elsewhere-opened-plain");
  await page.locator("a[href^='/activate/password']").click();
  assert.equal(await page.locator("[name=password]").count(), 1);
  await visitor.leave();
});

test("what one browser asked another one does not answer", async () => {
  const number = newNumber();
  house.waiting(number, ["Rosa", "Ajena"]);
  const [asker, other] = [await arrives(), await arrives()];
  await sets(asker.page, WORDS["es-CL"]);
  await asker.page.waitForURL(`${house.elsewhere.issuer}/numero/**`);
  // Redirects are followed by hand, up to the answer, which somebody steals before it arrives.
  const { request } = asker.context;
  const said = await request.post(asker.page.url(), { form: { number }, maxRedirects: 0 });
  const resumed = await request.get(said.headers().location, { maxRedirects: 0 });
  const answer = resumed.headers().location;
  assert.ok(answer.startsWith(`${house.issuer}/activate/with/registro/return?`), answer);
  await other.page.goto(`${house.issuer}/activate`);
  assert.equal((await other.page.goto(answer)).status(), 400);
  assert.ok(!other.page.url().includes("/activate/passkey"));
  await asker.page.goto(answer);
  assert.ok(asker.page.url().includes("/activate/passkey"), "and it is good for whoever asked");
  await asker.leave();
  await other.leave();
});
