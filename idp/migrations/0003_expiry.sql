-- What expired is found by these, and not by reading every row under the write lock.

CREATE INDEX grants_expiry ON grants (expires_at);
CREATE INDEX codes_grant ON codes (grant_id);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX sessions_start ON sessions (started_at);
