// The suite as somebody whom the provider calls: logout tokens, key sets.

import { createServer } from "node:https";

export class Server {
  #routes = new Map();
  #waiting = new Map();

  /** `identity` is a certificate for localhost that the provider trusts. */
  static async listen(port, identity) {
    const server = new Server();
    server.https = createServer({ cert: identity.certificate, key: identity.key }, (request, response) => server.#answer(request, response));
    await new Promise((resolve) => server.https.listen(port, "127.0.0.1", resolve));
    server.base = `https://localhost:${port}`;
    return server;
  }

  /** Answers GET of a path with JSON. */
  serve(path, body) {
    this.#routes.set(path, body);
    return `${this.base}${path}`;
  }

  /** The next request to a path: `{ method, headers, form }`. */
  next(path, milliseconds = 15_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nobody called ${path} within ${milliseconds} ms`)), milliseconds);
      this.#waiting.set(path, (request) => { clearTimeout(timer); resolve(request); });
    });
  }

  close() {
    this.https.closeAllConnections();
    return new Promise((resolve) => this.https.close(resolve));
  }

  async #answer(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { pathname } = new URL(request.url, this.base);
    const told = this.#waiting.get(pathname);
    if (told) {
      this.#waiting.delete(pathname);
      told({ method: request.method, headers: request.headers, form: Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString("utf8"))) });
      response.writeHead(200, { "cache-control": "no-store" }).end();
    } else if (this.#routes.has(pathname)) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#routes.get(pathname)));
    } else response.writeHead(404).end();
  }
}
