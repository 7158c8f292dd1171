-- Access tokens of every kind: for whom, for which resource, bound to which key, on whose behalf; machines' tokens;
-- devices that wait for a citizen.

-- To whom an access token was issued (after an exchange not the grant's client), and who acts for the citizen, the
-- nearest first. A token without a resource is for our own userinfo.
ALTER TABLE access_tokens ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE access_tokens ADD COLUMN actors TEXT NOT NULL DEFAULT '';
ALTER TABLE access_tokens ADD COLUMN resource TEXT;
ALTER TABLE access_tokens ADD COLUMN details TEXT;
UPDATE access_tokens SET client = (SELECT grants.client FROM grants WHERE grants.id = access_tokens.grant_id);

-- Opaque access tokens that a client got for itself (RFC 6749 §4.4): no citizen, no session, no family.
CREATE TABLE client_tokens (
  digest TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resource TEXT,
  details TEXT,
  binding TEXT,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX client_tokens_expiry ON client_tokens (expires_at);

-- JWT access tokens of clients for themselves have no row until one is revoked (RFC 7009).
CREATE TABLE revoked_tokens (
  digest TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (expires_at);

-- RFC 8628. A device waits until a citizen decides; grant_id is there exactly when one allowed.
CREATE TABLE device_codes (
  digest TEXT PRIMARY KEY,
  user_code TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resources TEXT NOT NULL,
  resource_scopes TEXT NOT NULL,
  origin BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  poll_interval BIGINT NOT NULL,
  poll_after BIGINT NOT NULL,
  grant_id TEXT REFERENCES grants (id),
  denied_at BIGINT,
  redeemed_at BIGINT
);
CREATE INDEX device_codes_expiry ON device_codes (expires_at);
