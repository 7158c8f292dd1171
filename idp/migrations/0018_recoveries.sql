-- Recoveries of accounts whose factors were lost. The secret is in a cookie, the code of the same recovery on paper; both
-- are digests here. The number that was typed is sealed; the citizen is missing where it is nobody's. A sent code is a
-- keyed tag. What was shown is one row a kind.

CREATE TABLE recoveries (
  id TEXT PRIMARY KEY,
  secret_digest TEXT NOT NULL UNIQUE,
  resume_digest TEXT NOT NULL UNIQUE,
  resumed BIGINT NOT NULL DEFAULT 0,
  citizen TEXT,
  sealed BLOB NOT NULL,
  begun_at BIGINT NOT NULL,
  asked_at BIGINT,
  sent BIGINT NOT NULL DEFAULT 0,
  issued_tag TEXT,
  issued_at BIGINT,
  ready_at BIGINT,
  announced_at BIGINT,
  activation TEXT UNIQUE,
  ended_at BIGINT,
  outcome TEXT
);
CREATE INDEX recoveries_citizen ON recoveries (citizen);
CREATE INDEX recoveries_ready ON recoveries (ready_at);
CREATE INDEX recoveries_begun ON recoveries (begun_at);

CREATE TABLE recovery_evidence (
  recovery TEXT NOT NULL REFERENCES recoveries (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (recovery, kind)
);
