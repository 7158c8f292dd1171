// The running stack that tests/run started, and codes that are good once.

import { createHmac, randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const path = process.env.AVAL_STACK;
if (!path) throw new Error("no stack: run through tests/run");

export const stack = JSON.parse(readFileSync(path, "utf8"));
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const output = process.env.AVAL_OUTPUT ?? join(root, "output");
export const quick = process.env.AVAL_QUICK === "1";
mkdirSync(output, { recursive: true });

const tools = dirname(stack.tools.verify);

/** A number that is right and was given to nobody. */
export function newNumber() {
  const body = String(20_000_000 + (randomBytes(3).readUIntBE(0, 3) % 9_000_000));
  const sum = [...body].reverse().reduce((total, digit, index) => total + Number(digit) * (2 + (index % 6)), 0);
  const digit = 11 - (sum % 11);
  return `${body}-${digit === 11 ? "0" : digit === 10 ? "K" : digit}`;
}

/** A citizen nobody else uses. */
export function newCitizen(changes = {}) {
  const number = newNumber();
  const citizen = {
    national_id: number, given_name: "Amanda", family_name: "Pérez Ñirre",
    email: `a${number.slice(0, -2)}@example.cl`, password: "un puente de madera vieja", totp_secret: base32(randomBytes(20)), ...changes,
  };
  service("idp", ["citizen", "create", "--from", "-", "--json"], JSON.stringify(citizen));
  return citizen;
}

/** A client nobody else uses. */
export function newClient(changes = {}) {
  const client = {
    client_id: `client-${randomBytes(6).toString("hex")}`, client_secret: randomBytes(24).toString("hex"),
    client_name: "Agencia de una prueba", client_uri: "http://localhost:9000", redirect_uris: ["http://localhost:9000/callback"],
    post_logout_redirect_uris: ["http://localhost:9000/"], scope: "openid profile email national_id",
    token_endpoint_auth_method: "client_secret_basic", id_token_signed_response_alg: "ES256", subject_type: "pairwise",
    grant_types: ["authorization_code"], ...changes,
  };
  service("idp", ["client", "create", "--from", "-", "--json"], JSON.stringify(client));
  return client;
}

/** Runs a service's own command line, on this stack's configuration unless it is given another one. */
export function service(name, args, input, config = join(stack.state, name, `${name}.toml`)) {
  return execFileSync(program(name), ["--config", config, ...args], { input, encoding: "utf8" });
}

/** Where a service's program is. */
export const program = (name) => join(tools, name);

/** A code that nobody used before: the next step is taken, or waited for. Steps are taken by creating a file, which
 * only one can; the Python tests take theirs in the same folder. */
export async function nextCode(person) {
  const folder = join(dirname(path), "codes-used-by-tests");
  mkdirSync(folder, { recursive: true });
  const mine = `${person.totp_secret.slice(0, 16)}.`;
  for (;;) {
    const now = Math.floor(Date.now() / 30_000);
    const last = readdirSync(folder).filter((name) => name.startsWith(mine)).map((name) => Number(name.slice(mine.length)));
    const step = Math.max(now, ...last.map((taken) => taken + 1));
    if (step <= now + 1) {
      try {
        writeFileSync(join(folder, `${mine}${step}`), "", { flag: "wx" });
        return totp(person.totp_secret, step);
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
        continue;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export function totp(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", unbase32(secret)).update(counter).digest();
  const offset = digest[19] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.match(/.{1,5}/g).map((five) => ALPHABET[parseInt(five.padEnd(5, "0"), 2)]).join("");
}

function unbase32(text) {
  const bits = [...text.replace(/=+$/, "")].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
