// HTTPS as a client of the provider sees it: a trusted root, perhaps a certificate of its own, no redirects followed.

import { createHash } from "node:crypto";
import { Agent, request as overTls } from "node:https";
import { request as overTcp } from "node:http";

/** A network that trusts one root. */
export class Network {
  #agents = new Map();

  constructor(root) {
    this.root = root;
  }

  /**
   * One request. `form` becomes a form-encoded body; a value that is an array is repeated, one that is null left out.
   * `certificate` is `{ certificate, key }` in PEM.
   */
  async fetch(address, { method, headers = {}, form, body, certificate } = {}) {
    const url = new URL(address);
    const payload = form ? encode(form) : body;
    const sent = { ...headers };
    if (form) sent["content-type"] = "application/x-www-form-urlencoded";
    if (payload !== undefined) sent["content-length"] = Buffer.byteLength(payload);
    const options = { method: method ?? (payload === undefined ? "GET" : "POST"), headers: sent };
    if (url.protocol === "https:") options.agent = this.#agent(certificate);
    return new Promise((resolve, reject) => {
      const request = (url.protocol === "https:" ? overTls : overTcp)(url, options, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => resolve(new Answer(url.href, options.method, response, Buffer.concat(parts).toString("utf8"))));
      });
      request.setTimeout(LONGEST, () => request.destroy(new Error(`${options.method} ${url.href}: no answer in ${LONGEST} ms`)));
      request.on("error", reject);
      request.end(payload);
    });
  }

  /** `fetch` of the web, for libraries that take one. */
  webFetch(certificate) {
    return async (address, { method, headers, body } = {}) => {
      const answer = await this.fetch(address, { method, headers: Object.fromEntries(new Headers(headers)), body: body?.toString(), certificate });
      return new Response([204, 304].includes(answer.status) ? null : answer.text, { status: answer.status, headers: answer.list });
    };
  }

  close() {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agent(certificate) {
    const name = certificate ? createHash("sha256").update(certificate.certificate).digest("hex") : "";
    if (!this.#agents.has(name)) {
      // No resumed sessions: not every server still knows the client's certificate in one
      this.#agents.set(name, new Agent({ ca: this.root, cert: certificate?.certificate, key: certificate?.key, keepAlive: true, maxCachedSessions: 0 }));
    }
    return this.#agents.get(name);
  }
}

/** What came back. */
export class Answer {
  constructor(url, method, response, text) {
    Object.assign(this, { url, method, status: response.statusCode, headers: response.headers, text });
    this.list = [];
    for (let at = 0; at < response.rawHeaders.length; at += 2) this.list.push([response.rawHeaders[at], response.rawHeaders[at + 1]]);
  }

  get type() {
    return (this.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  }

  /** The body read as JSON; undefined when it is not. */
  get json() {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }

  toString() {
    return `${this.method} ${this.url.split("?")[0]} → ${this.status} ${this.text.slice(0, 300)}`;
  }
}

export function encode(form) {
  const pairs = Object.entries(form).flatMap(([name, value]) => [value].flat().filter((one) => one !== null && one !== undefined).map((one) => [name, String(one)]));
  return new URLSearchParams(pairs).toString();
}

// As long as a provider may take for anything that a module asks
const LONGEST = 20_000;
