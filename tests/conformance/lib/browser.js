// A browser without a screen: keeps cookies, follows redirects, fills in forms, stops where the provider sends it away.

import { pages } from "./html.js";
import { encode } from "./http.js";

export class Browser {
  #cookies = new Map();

  /** `ours(url)` tells the addresses of the suite itself, which are never fetched. */
  constructor(network, ours) {
    this.network = network;
    this.ours = ours;
    /** Every address that a page opened in a frame. */
    this.frames = [];
  }

  /** Goes to an address, by POST when there is a form, and on through every redirect. */
  async open(address, form, headers = {}) {
    let [url, method, body] = [new URL(address), form ? "POST" : "GET", form];
    for (let steps = 0; steps < 20; steps += 1) {
      if (this.ours(url.href)) return new Visit({ left: { url, method, parameters: parameters(url, method, body) } });
      const answer = await this.network.fetch(url, { method, form: body, headers: { ...headers, cookie: this.#cookie(url), accept: "text/html", "accept-language": "es" } });
      this.#keep(url, answer);
      if (![301, 302, 303, 307, 308].includes(answer.status)) return this.#arrive(url, answer);
      url = new URL(answer.headers.location, url);
      if (![307, 308].includes(answer.status)) [method, body] = ["GET", undefined];
      headers = {};
    }
    throw new Error(`twenty redirects, the last to ${url}`);
  }

  /** Sends a form of a page: its own values, those given, one button. */
  async submit(visit, form, values = {}, button) {
    const target = new URL(form.action || visit.url, visit.url);
    const fields = { ...form.fields, ...(button ? { [button.name]: button.value } : {}), ...values };
    const origin = new URL(visit.url).origin;
    const headers = { origin, referer: visit.url, "sec-fetch-site": target.origin === origin ? "same-origin" : "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    if (form.method === "post") return this.open(target, fields, headers);
    target.search = encode(fields);
    return this.open(target, undefined, headers);
  }

  /** The cookies that a script at this address can read. */
  readable(url) {
    return this.#cookie(new URL(url), (one) => !one.hidden);
  }

  /** Another browser with the same cookies. */
  copy() {
    const other = new Browser(this.network, this.ours);
    other.#cookies = new Map(this.#cookies);
    return other;
  }

  async #arrive(url, answer) {
    const visit = new Visit({ url: url.href, answer, page: pages(answer) });
    this.frames.push(...(visit.page?.frames ?? []).map((frame) => new URL(frame, url).href));
    // A page whose one form goes to the suite is form_post (OAuth 2.0 Form Post Response Mode §2): scripts send it at once
    const back = visit.page?.forms.find((form) => this.ours(new URL(form.action, url).href));
    return back && back.method === "post" ? this.submit(visit, back) : visit;
  }

  #cookie(url, also = () => true) {
    return [...this.#cookies.values()].filter((one) => also(one) && one.host === url.hostname && url.pathname.startsWith(one.path) && (!one.secure || url.protocol === "https:"))
      .map((one) => `${one.name}=${one.value}`).join("; ");
  }

  #keep(url, answer) {
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [pair, ...attributes] = line.split(";").map((part) => part.trim());
      const at = pair.indexOf("=");
      const told = Object.fromEntries(attributes.map((attribute) => attribute.split("=")).map(([name, value]) => [name.toLowerCase(), value ?? true]));
      const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), host: url.hostname, path: told.path ?? "/", secure: Boolean(told.secure), hidden: Boolean(told.httponly) };
      const gone = told["max-age"] !== undefined ? Number(told["max-age"]) <= 0 : told.expires !== undefined && Date.parse(told.expires) <= Date.now();
      const key = `${cookie.host} ${cookie.path} ${cookie.name}`;
      if (gone) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }
}

/** Where a navigation ended: on a page, or back at the suite (`left`). */
export class Visit {
  constructor({ url, answer, page, left }) {
    Object.assign(this, { url, answer, page, left });
  }

  get status() {
    return this.answer?.status;
  }

  toString() {
    if (this.left) return `back at ${this.left.url}`;
    return `${this.status} “${this.page?.title ?? this.answer?.text.slice(0, 200)}” at ${this.url}`;
  }
}

function parameters(url, method, body) {
  const pairs = method === "POST" ? Object.entries(body ?? {}) : [...url.searchParams];
  const found = {};
  for (const [name, value] of pairs) {
    if (name in found) throw new Error(`${name} is repeated in the answer ${url}`);
    found[name] = value;
  }
  return found;
}
