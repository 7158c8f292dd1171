// The suite as somebody whom the provider calls: logout tokens, key sets.

import { createServer } from "node:http";

export class Server {
  #routes = new Map();
  #waiting = new Map();

  static async listen() {
    const server = new Server();
    server.http = createServer((request, response) => server.#answer(request, response));
    await new Promise((resolve) => server.http.listen(0, "127.0.0.1", resolve));
    server.base = `http://localhost:${server.http.address().port}`;
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
    this.http.closeAllConnections();
    return new Promise((resolve) => this.http.close(resolve));
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
