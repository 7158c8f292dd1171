-- Accounts that are opened with a code: handed out by a registrar, printed by an import, or given after a visit.

-- How sure it is that the person is who the register says; a name of rules/activation.rs.
ALTER TABLE citizens ADD COLUMN proofing TEXT NOT NULL DEFAULT 'imported';

-- A code is kept as a keyed tag over the national id and the code together: neither alone leads anywhere.
CREATE TABLE activations (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  kind TEXT NOT NULL,
  proofing TEXT NOT NULL,
  code_tag TEXT NOT NULL UNIQUE,
  issued_by TEXT,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  opened_at BIGINT,
  ticket_digest TEXT UNIQUE,
  browser_digest TEXT,
  held_until BIGINT,
  ended_at BIGINT
);
CREATE INDEX activations_citizen ON activations (citizen);

-- Wrong codes of everybody together, by slot of time.
CREATE TABLE activation_tries (
  slot BIGINT PRIMARY KEY,
  wrong BIGINT NOT NULL
);
