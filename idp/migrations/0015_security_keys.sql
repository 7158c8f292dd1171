-- Security keys beside passkeys, models known by attestation, and sessions that end sooner at the highest level.

ALTER TABLE passkeys ADD COLUMN kind TEXT NOT NULL DEFAULT 'passkey';
-- The authenticator checked a PIN or a biometric when it was added, and must do so at each use.
ALTER TABLE passkeys ADD COLUMN user_verified BIGINT NOT NULL DEFAULT 1;
-- The AAGUID, where an attestation proved it by a chain to a root that was trusted then.
ALTER TABLE passkeys ADD COLUMN model TEXT;
-- When its counter was first seen to go backwards.
ALTER TABLE passkeys ADD COLUMN suspect_at BIGINT;

-- When a session ends whoever uses it: depends on its level.
ALTER TABLE sessions ADD COLUMN ends_by BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET ends_by = started_at + 86400;
CREATE INDEX sessions_end ON sessions (ends_by);
