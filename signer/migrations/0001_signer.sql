-- Only TEXT and BIGINT, so that one text serves SQLite and PostgreSQL.
-- Times are Unix seconds. Sealed columns hold an envelope (see keys/sealing.rs); digests are lower-case hex.

CREATE TABLE officials (
  id            TEXT PRIMARY KEY,
  person_index  TEXT NOT NULL UNIQUE,   -- keyed hash of the national id
  profile       TEXT NOT NULL,          -- sealed: national id, names, institution, position
  key_id        TEXT NOT NULL UNIQUE,   -- SHA-256 of the SubjectPublicKeyInfo
  private_key   TEXT NOT NULL,          -- sealed PKCS#8
  chain         TEXT,                   -- sealed certificates, leaf first; NULL until certified
  created_at    BIGINT NOT NULL
);

CREATE TABLE documents (
  id            TEXT PRIMARY KEY,
  official      TEXT NOT NULL REFERENCES officials (id),
  received_at   BIGINT NOT NULL,
  ordinal       BIGINT NOT NULL,        -- order within one upload
  state         TEXT NOT NULL,          -- ready | approved | refused | signed
  reason        TEXT,                   -- refused: a stable code
  size          BIGINT NOT NULL,
  sha256        TEXT NOT NULL,
  facts         TEXT NOT NULL           -- sealed: name, pages, earlier signatures
);
CREATE INDEX documents_of_official ON documents (official, state, received_at);

CREATE TABLE batches (
  id            TEXT PRIMARY KEY,
  official      TEXT NOT NULL REFERENCES officials (id),
  key_id        TEXT NOT NULL,
  stamp         TEXT NOT NULL,
  nonce         TEXT NOT NULL,
  binding       TEXT NOT NULL,
  proposed_at   BIGINT NOT NULL,
  authorised_at BIGINT,                 -- set once, by the write that consumes the proposal
  expires_at    BIGINT                  -- no signature is begun after it
);
CREATE INDEX batches_of_official ON batches (official, authorised_at);

CREATE TABLE items (
  batch         TEXT NOT NULL REFERENCES batches (id),
  document      TEXT NOT NULL REFERENCES documents (id),
  ordinal       BIGINT NOT NULL,
  sha256        TEXT NOT NULL,          -- what the official approved
  state         TEXT NOT NULL,          -- proposed | queued | signing | signed | failed
  reason        TEXT,                   -- failed: a stable code
  to_be_signed  TEXT,                   -- from the intent on: SHA-256 of the signed attributes
  signed_sha256 TEXT,
  signed_size   BIGINT,
  changed_at    BIGINT NOT NULL,        -- from the intent on: the time that the signature claims
  PRIMARY KEY (batch, document)
);
CREATE INDEX items_by_state ON items (state, batch, ordinal);
CREATE INDEX items_of_document ON items (document);

CREATE TABLE sessions (
  id            TEXT PRIMARY KEY,       -- SHA-256 of the cookie's value
  content       TEXT NOT NULL,          -- sealed
  expires_at    BIGINT NOT NULL
);

CREATE TABLE audit (
  seq           BIGINT PRIMARY KEY,
  at            BIGINT NOT NULL,
  event         TEXT NOT NULL,
  body          TEXT NOT NULL,
  previous      TEXT NOT NULL,
  hash          TEXT NOT NULL
);
CREATE TABLE audit_head (
  id            BIGINT PRIMARY KEY,
  seq           BIGINT NOT NULL,
  hash          TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
