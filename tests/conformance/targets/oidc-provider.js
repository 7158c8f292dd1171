// npm oidc-provider, which is certified: where it passes and a module of ours fails, the module is wrong.

import { createServer } from "node:https";
import { X509Certificate, randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { Network } from "../lib/http.js";
import { selfSigned } from "../lib/certificates.js";
import { freePort } from "./aval.js";

export async function start() {
  const { default: Provider } = await import("oidc-provider");
  const tls = selfSigned("localhost", ["DNS:localhost", "IP:127.0.0.1"]);
  const port = await freePort();
  const issuer = `https://localhost:${port}`;
  const provider = new Provider(issuer, await configuration(new Network(tls.certificate).webFetch()));
  provider.on("server_error", (_, error) => console.error(error));
  const server = createServer({ cert: tls.certificate, key: tls.key, requestCert: true, rejectUnauthorized: false }, provider.callback());
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return new Peer({ issuer, root: tls.certificate, identity: tls, server });
}

async function configuration(fetch) {
  const keys = await Promise.all([["ES256"], ["RS256", { modulusLength: 2048 }], ["PS256", { modulusLength: 2048 }], ["EdDSA", { crv: "Ed25519" }]].map(async ([alg, options]) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
    return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: alg };
  }));
  const on = (more = {}) => ({ enabled: true, ...more });
  return {
    adapter: Store,
    jwks: { keys },
    claims: { profile: ["name", "given_name", "family_name"], email: ["email", "email_verified"], address: ["address"], phone: ["phone_number"], openid: ["sub"] },
    scopes: ["openid", "offline_access"],
    enableHttpPostMethods: true,
    cookies: { keys: [randomBytes(16).toString("hex")], long: { sameSite: "none" } },
    pkce: { required: (_, client) => client.require_pkce === true || client.fapi === true },
    extraClientMetadata: { properties: ["require_pkce", "fapi"] },
    enabledJWA: {
      clientAuthSigningAlgValues: ["ES256", "PS256", "EdDSA", "Ed25519", "RS256"], requestObjectSigningAlgValues: ["ES256", "PS256", "EdDSA", "Ed25519", "RS256"],
      dPoPSigningAlgValues: ["ES256", "EdDSA", "Ed25519"], idTokenSigningAlgValues: ["ES256", "PS256", "RS256", "EdDSA"],
      authorizationSigningAlgValues: ["ES256", "PS256", "RS256", "EdDSA"],
    },
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "self_signed_tls_client_auth", "none"],
    issueRefreshToken: async (_, client) => client.grantTypeAllowed("refresh_token"),
    // The suite answers on this machine, which its own guard would not call
    fetch,
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, name: "Amanda Pérez", given_name: "Amanda", family_name: "Pérez", email: "amanda@example.cl", email_verified: false, address: { country: "CL" }, phone_number: "+56 2 2000 0000" }),
    }),
    ttl: { AuthorizationCode: 60, PushedAuthorizationRequest: 60 },
    features: {
      devInteractions: on(), backchannelLogout: on(), rpInitiatedLogout: on(), revocation: on(), introspection: on(), claimsParameter: on(),
      pushedAuthorizationRequests: on(), requestObjects: on(), jwtResponseModes: on(), userinfo: on(), jwtUserinfo: on(), encryption: on(), clientCredentials: on(), deviceFlow: on(),
      registration: on(), dPoP: on({ nonceSecret: randomBytes(32), requireNonce: () => false }),
      fapi: on({ profile: (_, client) => (client?.fapi ? "2.0" : undefined) }),
      mTLS: on({
        certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true,
        getCertificate: (ctx) => { const peer = ctx.socket.getPeerX509Certificate?.(); return peer && new X509Certificate(peer.raw); },
      }),
    },
  };
}

/** Everything in memory and nothing forgotten: the peer's own store of that kind keeps a thousand entries. */
class Store {
  static #all = new Map();

  constructor(model) {
    this.model = model;
  }

  #key = (id) => `${this.model} ${id}`;
  #first = (holds) => [...Store.#all].find(([key, payload]) => key.startsWith(`${this.model} `) && holds(payload))?.[1];

  upsert = async (id, payload) => { Store.#all.set(this.#key(id), payload); };
  find = async (id) => Store.#all.get(this.#key(id));
  findByUid = async (uid) => this.#first((payload) => payload.uid === uid);
  findByUserCode = async (code) => this.#first((payload) => payload.userCode === code);
  destroy = async (id) => { Store.#all.delete(this.#key(id)); };
  consume = async (id) => { Store.#all.get(this.#key(id)).consumed = Math.floor(Date.now() / 1000); };
  revokeByGrantId = async (grantId) => {
    for (const [key, payload] of Store.#all) if (payload.grantId === grantId) Store.#all.delete(key);
  };
}

class Peer {
  name = "oidc-provider";
  // A session answers one conversation at a time: consents given side by side are lost
  oneAtATime = true;

  constructor({ issuer, root, identity, server }) {
    Object.assign(this, { issuer, root, identity, server });
    this.network = new Network(root);
  }

  async stop() {
    this.network.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async client({ profile, require_pkce, ...metadata }) {
    const { client_id: _, fapi_profile: __, ...rest } = metadata;
    const fapi = profile !== undefined;
    const asked = { ...rest, require_pkce: require_pkce ?? true, fapi };
    const told = await this.register(asked);
    if (told.status !== 201) throw new Error(`registration: ${told}`);
    return told.json;
  }

  /** Registers a client as it asks (RFC 7591 §3.1). */
  register(metadata) {
    return this.network.fetch(`${this.issuer}/reg`, { headers: { "content-type": "application/json" }, body: JSON.stringify(metadata) });
  }

  async person() {
    return { login: `p${randomBytes(6).toString("hex")}` };
  }

  asks(visit) {
    const prompt = visit.page?.forms.find((form) => form.fields.prompt)?.fields.prompt;
    if (prompt === "login") return "credentials";
    if (prompt === "consent") return "consent";
    if (visit.page?.forms.some((form) => form.id === "op.logoutForm")) return "logout";
    return undefined;
  }

  async answer(browser, visit, person, { decision = "allow" } = {}) {
    const form = visit.page.forms.find((one) => one.fields.prompt);
    switch (this.asks(visit)) {
      case "credentials":
        return browser.submit(visit, form, { login: person.login, password: "x" });
      case "consent":
        return decision === "allow" ? browser.submit(visit, form) : browser.open(new URL(visit.page.links.find((link) => link.endsWith("/abort")), visit.url));
      case "logout":
        return browser.submit(visit, visit.page.forms.find((one) => one.id === "op.logoutForm"), { logout: "yes" });
      default:
        throw new Error(`asked for nothing known: ${visit}`);
    }
  }
}
