// An idp over TLS for other people's clients, as the conformance suite starts it, and a browser without a screen.
// AVAL_TARGET=oidc-provider runs the same stories against that provider: a story that fails there is wrong itself.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { Browser } from "../../conformance/lib/browser.js";
import { RESOURCE } from "../../conformance/targets/aval.js";
import { output } from "./stack.js";

const name = process.env.AVAL_TARGET ?? "aval";
const { start } = await import(`../../conformance/targets/${name}.js`);

export const CALLBACK = "https://agency.example/callback";
export const programs = process.env.AVAL_PROGRAMS ?? dirname(JSON.parse(readFileSync(process.env.AVAL_STACK, "utf8")).tools.verify);

export class Provider {
  static async start() {
    const provider = new Provider();
    provider.target = await start({ programs, output: join(output, "clients") });
    provider.issuer = new URL(provider.target.issuer);
    provider.metadata = (await provider.target.network.fetch(`${provider.target.issuer}/.well-known/openid-configuration`)).json;
    if (name === "aval") await provider.client({ client_id: RESOURCE.client, redirect_uris: [], response_types: [], grant_types: ["client_credentials"], scope: undefined });
    provider.person = await provider.target.person();
    // One login serves all stories that are not about logging in: a code is good once, and the next is half a minute away
    provider.home = provider.browser();
    return provider;
  }

  stop = () => this.target.stop();

  /** A registered client; a secret is drawn where its method has one. */
  client(changes = {}) {
    return this.target.client({
      client_name: "Agencia de otra biblioteca", redirect_uris: [CALLBACK], grant_types: ["authorization_code", "refresh_token"], response_types: ["code"],
      scope: "openid profile email", id_token_signed_response_alg: "ES256", ...changes,
    });
  }

  /** `fetch` that trusts the provider's root, with a client certificate if there is one. */
  fetch = (certificate) => this.target.network.webFetch(certificate);

  /** A browser in which nobody is logged in. */
  browser = () => new Browser(this.target.network, (url) => url.startsWith("https://agency.example/"));

  /** Opens an address, answers what is asked, and gives the address (or the POST) that leads back to the client. */
  async walk(address, { browser = this.home, person = this.person, decision = "allow" } = {}) {
    let visit = await browser.open(address);
    for (let asked = 0; !visit.left && asked < 8; asked += 1) {
      if (!this.target.asks(visit)) break;
      visit = await this.target.answer(browser, visit, person, { decision });
    }
    assert.ok(visit.left, `the browser comes back to the client, but it is at: ${visit}`);
    const { url, method, parameters } = visit.left;
    if (method === "GET") return url;
    return new Request(url, { method, headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(parameters).toString() });
  }
}

/** Where a story cannot run at another provider: `{ skip }` for node's runner. Ours has to announce everything. */
export const unless = (holds, what) => (holds || name === "aval" ? {} : { skip: `the provider does not announce ${what}` });
