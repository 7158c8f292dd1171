// Another OpenID provider, by other people's software: npm oidc-provider, with a page of its own where a person types
// the number that it knows them by, or goes back. And an idp of ours that trusts it.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output, program, service } from "./stack.js";

const { default: Peer } = await import("../../conformance/node_modules/oidc-provider/lib/index.js");

/** The provider. `says` are the claims of whoever logs in there; `trouble` is what it answers instead of a page. */
export class Elsewhere {
  says = (number) => ({ documento: number });
  trouble = null;

  static async start({ redirectUri, client }) {
    const elsewhere = new Elsewhere();
    elsewhere.port = await freePort();
    elsewhere.issuer = `http://localhost:${elsewhere.port}`;
    elsewhere.peer = new Peer(elsewhere.issuer, {
      clients: [{ ...client, redirect_uris: [redirectUri], response_types: ["code"], grant_types: ["authorization_code"] }],
      claims: { openid: ["sub"], documento: ["documento"] },
      scopes: ["openid", "documento"],
      cookies: { keys: [randomBytes(16).toString("hex")] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/numero/${uid}` },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...elsewhere.says(id) }) }),
    });
    elsewhere.answer = elsewhere.peer.callback();
    elsewhere.server = createServer((request, response) => {
      elsewhere.#serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    elsewhere.server.listen(elsewhere.port, "127.0.0.1");
    await once(elsewhere.server, "listening");
    return elsewhere;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(request, response) {
    const url = new URL(request.url, this.issuer);
    if (this.trouble && url.pathname === "/auth") {
      const back = new URL(url.searchParams.get("redirect_uri"));
      back.search = new URLSearchParams({ error: this.trouble, state: url.searchParams.get("state"), iss: this.issuer });
      return response.writeHead(303, { location: back.href }).end();
    }
    if (!url.pathname.startsWith("/numero/")) return this.answer(request, response);
    const { params } = await this.peer.interactionDetails(request, response);
    if (request.method === "GET") return response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
    let body = "";
    for await (const part of request) body += part;
    const accountId = new URLSearchParams(body).get("number");
    if (!accountId) return this.peer.interactionFinished(request, response, { error: "access_denied" }, { mergeWithLastSubmission: false });
    const grant = new this.peer.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const consent = { grantId: await grant.save() };
    return this.peer.interactionFinished(request, response, { login: { accountId }, consent }, { mergeWithLastSubmission: false });
  }
}

const PAGE = `<!doctype html><html lang="es"><title>Registro Civil</title><h1>Registro Civil</h1>
<form method="post"><label>Documento <input name="number"></label><button id="go">Ingresar</button></form>
<form method="post"><button id="back">Volver</button></form></html>`;

/** An idp of our own that trusts another provider, and one that nobody can reach. */
export class House {
  static async open() {
    const house = new House();
    house.folder = mkdtempSync(join(tmpdir(), "aval-elsewhere-"));
    const port = await freePort();
    house.issuer = `http://localhost:${port}`;
    const client = { client_id: "aval", client_secret: randomBytes(24).toString("hex") };
    house.elsewhere = await Elsewhere.start({ redirectUri: `${house.issuer}/activate/with/registro/return`, client });
    house.config = join(house.folder, "idp.toml");
    const kept = (name, text) => { const file = join(house.folder, name); writeFileSync(file, text, { mode: 0o600 }); return file; };
    const [key, secret] = [kept("sealing.key", randomBytes(32).toString("base64")), kept("registro.secret", client.client_secret)];
    const provider = (label, issuer) => `label = "${label}"\nissuer = "${issuer}"\nclient_id = "aval"\nclient_secret_file = "${secret}"
scope = "openid documento"\nclaim = "documento"\nidentity_assurance = "ial2"\n`;
    const closed = `localhost:${await freePort()}`;
    writeFileSync(house.config, `issuer = "${house.issuer}"\nlisten = "127.0.0.1:${port}"\ndatabase = "sqlite://${join(house.folder, "idp.db")}"
sealing_key_file = "${key}"\n[fetch]\nallow = ["localhost:${house.elsewhere.port}", "${closed}"]
[upstream.registro]\n${provider("Registro Civil", house.elsewhere.issuer)}[upstream.lejos]\n${provider("Cédula del Sur", `http://${closed}`)}`);
    const log = openSync(join(output, "elsewhere.log"), "a");
    house.process = spawn(program("idp"), ["--config", house.config, "serve"], { stdio: ["ignore", log, log] });
    for (let asked = 0; asked < 150; asked += 1) {
      if (house.process.exitCode !== null) break;
      const answered = await fetch(`${house.issuer}/.well-known/openid-configuration`).then((said) => said.ok, () => false);
      if (answered) return house;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await house.close();
    throw new Error("the idp did not start: see elsewhere.log in the output");
  }

  /** Somebody of the register who has no way of logging in yet. */
  waiting(number, [given, family]) {
    const file = join(this.folder, "people.csv");
    writeFileSync(file, `national_id,given_name,family_name,email\n${number},${given},${family},p${number}@example.cl\n`);
    service("idp", ["citizen", "import", file], undefined, this.config);
  }

  /** Somebody who logs in with a password. */
  active(citizen) {
    service("idp", ["citizen", "create", "--from", "-", "--json"], JSON.stringify(citizen), this.config);
  }

  async close() {
    if (this.process.exitCode === null && this.process.kill("SIGTERM")) await once(this.process, "exit");
    await this.elsewhere.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
