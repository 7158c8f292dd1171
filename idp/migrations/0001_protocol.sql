-- Clients, conversations, sessions, grants, tokens, consents, counters, audit, signing keys.
-- One text for both engines: a number that is a primary key is an INTEGER on SQLite, BLOB is BYTEA on PostgreSQL.
-- Moments are seconds since 1970.

CREATE TABLE clients (
  id TEXT PRIMARY KEY,
  metadata TEXT NOT NULL,
  secret_digest TEXT,
  created_at BIGINT NOT NULL
);

-- Origins whose scripts may call token, userinfo, JWKS and discovery.
CREATE TABLE client_origins (
  origin TEXT NOT NULL,
  client TEXT NOT NULL REFERENCES clients (id),
  PRIMARY KEY (origin, client)
);

CREATE TABLE interactions (
  id_digest TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  sealed BLOB NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX interactions_expiry ON interactions (expires_at);

CREATE TABLE sessions (
  sid TEXT PRIMARY KEY,
  token_digest TEXT NOT NULL UNIQUE,
  citizen TEXT NOT NULL,
  factors TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  ended_at BIGINT,
  device BLOB NOT NULL
);
CREATE INDEX sessions_citizen ON sessions (citizen);

CREATE TABLE grants (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  citizen TEXT NOT NULL,
  session TEXT NOT NULL,
  scopes TEXT NOT NULL,
  assurance TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX grants_citizen ON grants (citizen, client);
CREATE INDEX grants_session ON grants (session);

CREATE TABLE codes (
  digest TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants (id),
  redirect_uri TEXT NOT NULL,
  challenge TEXT,
  nonce TEXT,
  expires_at BIGINT NOT NULL,
  redeemed_at BIGINT
);

CREATE TABLE access_tokens (
  digest TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants (id),
  scopes TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
  digest TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants (id),
  parent TEXT,
  issued_at BIGINT NOT NULL,
  spent_at BIGINT,
  retried_at BIGINT
);
CREATE INDEX refresh_tokens_parent ON refresh_tokens (parent);

CREATE TABLE consents (
  citizen TEXT NOT NULL,
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (citizen, client)
);

CREATE TABLE throttles (
  counter TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL,
  trusted_at BIGINT
);

CREATE TABLE audit_head (
  id BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);

CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  citizen TEXT NOT NULL,
  client TEXT NOT NULL,
  session TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_citizen ON audit (citizen, seq);

CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  algorithm TEXT NOT NULL,
  sealed BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  retired_at BIGINT
);
