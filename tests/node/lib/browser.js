// Debian's chromium, watched: whatever a page does that it should not becomes a complaint.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { output, quick, stack } from "./stack.js";

const axe = createRequire(import.meta.url)("axe-core");

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const PHONE = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 860 };
const OURS = [stack.idp.issuer, stack.signer.url, stack.agency.url];
const pictures = join(output, "pages");
mkdirSync(pictures, { recursive: true });

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: ARGUMENTS });
}

/** A person's browser: one set of cookies, one page, and what it complains about. */
export class Visitor {
  static async arrive(browser, { language = "es-CL", javaScript = true, viewport = PHONE, remembered, homes = [] } = {}) {
    const context = await browser.newContext({ locale: language, reducedMotion: "reduce", javaScriptEnabled: javaScript, viewport, acceptDownloads: true, storageState: remembered });
    const visitor = new Visitor();
    visitor.context = context;
    visitor.complaints = [];
    visitor.weights = new Map();
    visitor.homes = [...OURS, ...homes];
    visitor.javaScript = javaScript;
    visitor.page = await context.newPage();
    visitor.page.setDefaultTimeout(20_000);
    visitor.#watch();
    return visitor;
  }

  #watch() {
    const { page, complaints, homes } = this;
    page.on("request", (request) => {
      const url = request.url();
      const local = ["data:", "blob:", "about:", "chrome-error:"].some((scheme) => url.startsWith(scheme));
      const back = url.startsWith("http://localhost:9000/");
      if (!local && !back && !homes.some((ours) => url === ours || url.startsWith(`${ours}/`))) complaints.push(`row 87: a request left the house: ${url}`);
    });
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(`policy: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
    page.on("response", (response) => {
      if (response.status() >= 500) complaints.push(`${response.status()} from ${response.url()}`);
      const length = response.request().sizes().then((sizes) => sizes.responseBodySize + sizes.responseHeadersSize, () => 0);
      this.weights.set(response.url(), length);
    });
  }

  /** An answer of 5xx that a story provokes on purpose is no complaint. */
  forgive(complaint) {
    const at = this.complaints.findIndex((said) => complaint.test(said));
    assert.notEqual(at, -1, `nothing was said like ${complaint}`);
    this.complaints.splice(at, 1);
  }

  /** Bytes on the wire since the last call. */
  async weight() {
    const sizes = await Promise.all(this.weights.values());
    this.weights.clear();
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Looks at the page as a reviewer does: pictures, accessibility, reflow. With --quick only on a light phone. */
  async look(name) {
    const { page } = this;
    const language = (await page.getAttribute("html", "lang"))?.slice(0, 2);
    assert.match(language ?? "", /^(es|en)$/, `${name}: the page says its language`);
    assert.ok(await page.title(), `${name}: the page has a title`);
    for (const [size, viewport] of quick ? [["phone", PHONE]] : [["phone", PHONE], ["wide", WIDE]]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of quick ? ["light"] : ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(pictures, `${name}.${language}.${size}.${colorScheme}.png`), fullPage: true });
        if (this.javaScript) await this.#accessible(`${name} (${language}, ${size}, ${colorScheme})`);
      }
      if (this.javaScript) {
        const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (spill > 0) this.complaints.push(`${name}: ${spill} px wider than a ${viewport.width} px screen`);
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(PHONE);
  }

  async #accessible(where) {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: { "target-size": { enabled: true } },
    }));
    for (const { id, nodes } of violations) {
      this.complaints.push(`${where}: axe ${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n")[1] ?? ""}`).join("; ")}`);
    }
  }

  /** Ends the visit; fails with everything that was wrong on the way. */
  async leave() {
    await this.context.close();
    assert.deepEqual([...new Set(this.complaints)], [], "what the pages did that they should not");
  }

  /** A platform authenticator that verifies its user, unless it is told otherwise. */
  async authenticator(options = {}) {
    const devtools = await this.context.newCDPSession(this.page);
    await devtools.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
    });
    return {
      credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
      verified: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
      remove: () => devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
      present: (enabled) => devtools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    };
  }
}
