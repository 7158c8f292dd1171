-- Citizens and what they log in with. Personal data, seeds and passkeys are sealed; the national id is found by a
-- keyed tag, a passkey by the digest of its credential id.

CREATE TABLE citizens (
  id TEXT PRIMARY KEY,
  national_id_tag TEXT NOT NULL UNIQUE,
  sealed BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE passwords (
  citizen TEXT PRIMARY KEY REFERENCES citizens (id),
  hash TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE totp (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  sealed BLOB NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX totp_citizen ON totp (citizen);

-- Removed passkeys keep their row: the record of every authenticator ever bound (SP 800-63B-4 section 4.1).
CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  credential_digest TEXT NOT NULL UNIQUE,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  sealed BLOB NOT NULL,
  counter BIGINT NOT NULL,
  backup_eligible BIGINT NOT NULL,
  backed_up BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  removed_at BIGINT
);
CREATE INDEX passkeys_citizen ON passkeys (citizen);

CREATE TABLE ceremonies (
  bound_to TEXT PRIMARY KEY,
  sealed BLOB NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX ceremonies_expiry ON ceremonies (expires_at);
