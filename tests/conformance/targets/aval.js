// The idp of this repository: its binary, its TLS listener, people and clients made by its own command line.

import { execFile, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Network } from "../lib/http.js";

/** Starts the idp from a folder of built programs; it may call `caller`, a port of this machine. */
export async function start({ programs = process.env.AVAL_PROGRAMS, settings = {}, output, caller } = {}) {
  if (!programs) throw new Error("AVAL_PROGRAMS: name the folder with the built idp and keys-dev");
  const folder = mkdtempSync(join(tmpdir(), "aval-conformance-"));
  const pki = join(folder, "dev");
  await run(join(programs, "keys-dev"), ["make", pki]);
  const [port, certificates] = [await freePort(), await freePort()];
  const target = new Aval({ programs, folder, issuer: `https://localhost:${port}`, root: readFileSync(join(pki, "pki", "root.pem")) });
  const key = join(folder, "sealing.key");
  writeFileSync(key, randomBytes(32).toString("base64"), { mode: 0o600 });
  const lines = { issuer: target.issuer, listen: `127.0.0.1:${port}`, database: `sqlite://${join(folder, "idp.db")}`, sealing_key_file: key, ...settings };
  const tls = { certificate: join(pki, "pki", "tls.chain.pem"), key: join(pki, "pki", "tls.key") };
  const toml = (table) => Object.entries(table).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("\n");
  const mtls = { listen: `127.0.0.1:${certificates}`, origin: `https://localhost:${certificates}` };
  const fetch = { allow: caller ? [`localhost:${caller}`] : [], trust_roots: join(pki, "pki", "root.pem") };
  writeFileSync(join(folder, "idp.toml"), `${toml(lines)}\n\n[tls]\n${toml(tls)}\n\n[fetch]\n${toml(fetch)}\n\n[mtls.listener]\n${toml(mtls)}\n\n[[resources]]\n${toml(RESOURCE)}\n`);
  // Clients show their certificates at a listener of their own, so that the first never troubles a browser
  target.identity = { certificate: readFileSync(tls.certificate, "utf8"), key: readFileSync(tls.key, "utf8") };
  if (output) mkdirSync(output, { recursive: true });
  const log = openSync(output ? join(output, "conformance-idp.log") : join(folder, "idp.log"), "w");
  target.process = spawn(join(programs, "idp"), ["--config", join(folder, "idp.toml"), "serve"], { stdio: ["ignore", log, log] });
  await target.ready();
  return target;
}

/** An interface of an agency that access tokens can be for. */
export const RESOURCE = { uri: "https://api.agency.example/", name: "Registro", client: "registro", scope: "registro:leer", access_token_format: "jwt" };

class Aval {
  name = "aval";
  #people = [];

  constructor({ programs, folder, issuer, root }) {
    Object.assign(this, { programs, folder, issuer, root });
    this.network = new Network(root);
  }

  async ready() {
    for (let waited = 0; ; waited += 100) {
      if (this.process.exitCode !== null) throw new Error(`idp ended with ${this.process.exitCode}`);
      const up = await this.network.fetch(`${this.issuer}/readyz`).then((answer) => answer.status === 200, () => false);
      if (up) return;
      if (waited > 30_000) throw new Error("idp is not ready after half a minute");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async stop() {
    this.network.close();
    this.process?.kill("SIGTERM");
    await new Promise((resolve) => (this.process?.exitCode === null ? this.process.once("exit", resolve) : resolve()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  command(args, input) {
    return run(join(this.programs, "idp"), ["--config", join(this.folder, "idp.toml"), ...args], input);
  }

  /** Registers a client; gives its registration with its secret. */
  async client(metadata) {
    const registration = { client_id: `c-${randomBytes(5).toString("hex")}`, client_name: "Agencia de conformidad", subject_type: "pairwise", ...metadata };
    const secret = /^(client_secret_|undefined)/.test(String(registration.token_endpoint_auth_method)) ? { client_secret: randomBytes(24).toString("base64url") } : {};
    const asked = { ...secret, ...registration };
    const told = JSON.parse(await this.command(["client", "create", "--from", "-", "--json"], JSON.stringify(asked)));
    return { ...asked, ...told };
  }

  /** What an operator gives to an agency so that it may register its clients. */
  async initialAccessToken(host) {
    return JSON.parse(await this.command(["client", "token", "create", "--host", host, "--uses", "100", "--json"])).initial_access_token;
  }

  /** Registers a client as it asks (RFC 7591 §3.1), with an initial access token of an operator. */
  async register(metadata) {
    this.initial ??= this.initialAccessToken(new URL(metadata.redirect_uris[0]).hostname);
    const token = await this.initial;
    return this.network.fetch(`${this.issuer}/register`, { headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(metadata) });
  }

  /** A citizen whom nobody else uses; made a few at a time, because each costs a password hash. */
  async person() {
    if (!this.#people.length) this.#people.push(this.#enrol(24));
    const batch = await this.#people[0];
    const person = batch.pop();
    if (!batch.length) this.#people.shift();
    return person ?? this.person();
  }

  async #enrol(count) {
    const people = Array.from({ length: count }, () => ({
      national_id: run11(), given_name: "Amanda", family_name: "Pérez Ñirre", email: `a${randomBytes(4).toString("hex")}@example.cl`,
      phone_number: "+56 2 2690 4000",
      address: { street_address: "Av. Matta 123", locality: "Santiago", region: "Región Metropolitana", postal_code: "8360000", country: "Chile" },
      password: "un puente de madera vieja", totp_secret: base32(randomBytes(20)),
    }));
    await this.command(["citizen", "create", "--from", "-", "--json"], JSON.stringify(people));
    return people;
  }

  /**
   * What a page asks: `credentials`, `presence` (of a known person), `consent`, `logout`,
   * `onward` (a page that leads on by itself where scripts run), or nothing.
   */
  asks(visit) {
    const fields = visit.page?.forms.flatMap((form) => [...Object.keys(form.fields), ...form.buttons.map((button) => button.name)]) ?? [];
    if (fields.includes("password")) return "credentials";
    if (fields.includes("code")) return "presence";
    if (fields.includes("decision")) return "consent";
    if (/ data-onward\b/.test(visit.answer?.text ?? "")) return "onward";
    if (new URL(visit.url).pathname.startsWith("/logout") && visit.page?.forms.some((form) => form.method === "post")) return "logout";
    return undefined;
  }

  /** Answers one page as a person does. */
  async answer(browser, visit, person, { decision = "allow" } = {}) {
    const having = (name) => visit.page.forms.find((form) => name in form.fields || form.buttons.some((button) => button.name === name));
    switch (this.asks(visit)) {
      case "credentials":
        return browser.submit(visit, having("password"), { national_id: person.national_id, password: person.password });
      case "presence":
        return browser.submit(visit, having("code"), { code: await nextCode(person) });
      case "consent":
        return browser.submit(visit, having("decision"), {}, { name: "decision", value: decision });
      case "logout":
        return browser.submit(visit, visit.page.forms.find((form) => form.method === "post"));
      case "onward":
        return browser.open(new URL(visit.page.onward, visit.url));
      default:
        throw new Error(`asked for nothing known: ${visit}`);
    }
  }
}

/** A code is good once: the next step is taken, or waited for. */
async function nextCode(person) {
  for (;;) {
    const now = Math.floor(Date.now() / 30_000);
    const step = Math.max(now, (person.step ?? 0) + 1);
    if (step <= now + 1) {
      person.step = step;
      return totp(person.totp_secret, step);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function totp(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", unbase32(secret)).update(counter).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A Chilean number with its check digit (modulo 11). */
function run11() {
  const body = String(20_000_000 + (randomBytes(3).readUIntBE(0, 3) % 9_000_000));
  const sum = [...body].reverse().reduce((total, digit, index) => total + Number(digit) * (2 + (index % 6)), 0);
  const digit = 11 - (sum % 11);
  return `${body}-${digit === 11 ? "0" : digit === 10 ? "K" : digit}`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base32 = (bytes) => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("").match(/.{1,5}/g).map((five) => ALPHABET[parseInt(five.padEnd(5, "0"), 2)]).join("");
const unbase32 = (text) => Buffer.from([...text].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, "0")).join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));

export function run(program, args, input = "") {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 16 << 20 }, (error, out, err) => (error ? reject(new Error(`${program} ${args.join(" ")}: ${err || error.message}`)) : resolve(out)));
    child.stdin.end(input);
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    }).on("error", reject);
  });
}
