// How a person goes through the idp's pages, found by field names.

import { nextCode } from "./stack.js";

const has = (page, selector) => page.locator(selector).count().then((count) => count > 0);

/** The button of the form that holds a field. */
export const sendForm = (page, field) => page.locator(`form:has([name=${field}]) button:not([name])`).first().click();

export async function password(page, person, secret = person.password) {
  await page.fill("[name=national_id]", person.national_id);
  await page.fill("[name=password]", secret);
  await sendForm(page, "password");
}

export async function code(page, digits) {
  await page.fill("[name=code]", digits);
  await sendForm(page, "code");
}

export const decide = (page, decision) => page.click(`button[name=decision][value=${decision}]`);

/** Answers whatever the idp asks until `done(url)`; `look(name)` sees each page before it is answered. */
export async function through(page, person, done, { decision = "allow", look = async () => {} } = {}) {
  for (let asked = 0; asked < 8; asked += 1) {
    if (done(page.url())) return;
    if (await has(page, "[name=password]")) {
      await look("login");
      await password(page, person);
    } else if (await has(page, "[name=code]")) {
      await look("code");
      await code(page, await nextCode(person));
    } else if (await has(page, "[name=decision]")) {
      await look("consent");
      await decide(page, decision);
    } else {
      throw new Error(`not asked for anything known at ${page.url()}: ${await page.innerText("body")}`);
    }
    await page.waitForLoadState("domcontentloaded");
  }
  if (!done(page.url())) throw new Error(`asked eight times, now at ${page.url()}`);
}
