-- Pushed authorization requests (RFC 9126), and what a client asked besides scopes.

CREATE TABLE pushed_requests (
  digest TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  sealed BLOB NOT NULL,
  expires_at BIGINT NOT NULL,
  answered_at BIGINT
);
CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);

ALTER TABLE grants ADD COLUMN asked TEXT NOT NULL DEFAULT '{}';
