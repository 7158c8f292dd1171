-- What two operators must agree on, too: keys that are rotated or taken back, clients that are allowed again. Such a
-- proposal is about nobody, so `citizen` may be missing. `role` names what is proposed about: a role that is given, what a
-- key is for, a key's id, a client.

CREATE TABLE approvals_of_all (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  citizen TEXT REFERENCES citizens (id),
  role TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  approved_by TEXT,
  approved_at BIGINT,
  ended_at BIGINT
);
INSERT INTO approvals_of_all (id, kind, citizen, role, proposed_by, proposed_at, expires_at, approved_by, approved_at, ended_at)
  SELECT id, kind, citizen, role, proposed_by, proposed_at, expires_at, approved_by, approved_at, ended_at FROM approvals;
DROP TABLE approvals;
ALTER TABLE approvals_of_all RENAME TO approvals;
CREATE INDEX approvals_waiting ON approvals (expires_at) WHERE ended_at IS NULL;
