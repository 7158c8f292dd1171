-- Officials of the programme: who holds which role, the records they opened and why, what two of them must agree on.

CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  role TEXT NOT NULL,
  given_by TEXT,
  given_at BIGINT NOT NULL,
  ended_at BIGINT
);
-- A role is held once at a time.
CREATE UNIQUE INDEX staff_held ON staff (citizen, role) WHERE ended_at IS NULL;

CREATE TABLE staff_invitations (
  token_digest TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);

CREATE TABLE cases (
  id TEXT PRIMARY KEY,
  official TEXT NOT NULL,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  reason TEXT NOT NULL,
  reference TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX cases_expiry ON cases (expires_at);

CREATE TABLE approvals (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  role TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  approved_by TEXT,
  approved_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX approvals_waiting ON approvals (expires_at) WHERE ended_at IS NULL;
