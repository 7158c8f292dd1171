// npm oidc-provider as `bench -- idp --peers` asks it: everything in memory, a citizen who is logged in without being
// asked, the same clients and scenarios as ours. Prints its issuer when it listens.

import { createServer } from "node:http";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import Provider from "../conformance/node_modules/oidc-provider/lib/index.js";

const [redirect] = process.argv.slice(2);
const secret = "a-secret-of-the-bench-and-of-nobody-else";

const key = (alg, kind, options) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }), alg, use: "sig", kid: alg });

/** Nothing is forgotten: the peer's own store of that kind keeps a thousand entries. */
class Store {
  static #all = new Map();
  static #grants = new Map();

  constructor(model) {
    this.model = model;
  }

  #key = (id) => `${this.model} ${id}`;

  async upsert(id, payload) {
    const key = this.#key(id);
    Store.#all.set(key, payload);
    if (payload.grantId) Store.#grants.set(payload.grantId, [...(Store.#grants.get(payload.grantId) ?? []).slice(-8), key]);
    if (payload.uid) Store.#all.set(`${this.model} uid ${payload.uid}`, payload);
  }
  find = async (id) => Store.#all.get(this.#key(id));
  findByUid = async (uid) => Store.#all.get(`${this.model} uid ${uid}`);
  findByUserCode = async () => undefined;
  destroy = async (id) => { Store.#all.delete(this.#key(id)); };
  consume = async (id) => { Store.#all.get(this.#key(id)).consumed = Math.floor(Date.now() / 1000); };
  revokeByGrantId = async (grant) => { for (const key of Store.#grants.get(grant) ?? []) Store.#all.delete(key); };
}

const machine = (alg) => ({ client_id: `machine-${alg.toLowerCase()}`, client_secret: secret, grant_types: ["client_credentials"], redirect_uris: [], response_types: [] });

const configuration = {
  adapter: Store,
  jwks: { keys: [key("ES256", "ec", { namedCurve: "P-256" }), key("RS256", "rsa", { modulusLength: 2048 })] },
  clients: [
    { client_id: "web", client_secret: secret, redirect_uris: [redirect], grant_types: ["authorization_code", "refresh_token"], id_token_signed_response_alg: "ES256" },
    machine("ES256"),
    machine("RS256"),
  ],
  claims: { openid: ["sub"], profile: ["name", "given_name", "family_name"], email: ["email", "email_verified"], national_id: ["national_id", "national_id_scheme"] },
  scopes: ["openid", "offline_access"],
  cookies: { keys: [randomBytes(16).toString("hex")] },
  issueRefreshToken: async (_, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  interactions: { url: (_, interaction) => `/auto/${interaction.uid}` },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: "Ana Rojas Soto", given_name: "Ana", family_name: "Rojas Soto", email: "ana@example.org", email_verified: false, national_id: "10000000-8", national_id_scheme: "CL-RUN" }),
  }),
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => false,
      getResourceServerInfo: (_, resource, client) => ({
        scope: "", audience: resource, accessTokenFormat: "jwt",
        jwt: { sign: { alg: client.clientId === "machine-rs256" ? "RS256" : "ES256" } },
      }),
    },
  },
};

const listening = createServer();
listening.listen(0, "127.0.0.1", () => {
  const issuer = `http://localhost:${listening.address().port}`;
  const provider = new Provider(issuer, configuration);
  provider.on("server_error", (_, error) => console.error(error));
  const answer = provider.callback();
  listening.on("request", (request, response) => {
    if (!request.url.startsWith("/auto/")) return answer(request, response);
    proceed(provider, request, response).catch((error) => { console.error(error); response.statusCode = 500; response.end(); });
  });
  console.log(issuer);
});

/** Logs somebody in, or consents, whatever is asked. */
async function proceed(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: randomBytes(6).toString("hex") } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}
