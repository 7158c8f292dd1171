-- Registration by agencies themselves (RFC 7591, RFC 7592): who may begin, and who may change what was registered.
-- Both tokens are kept as digests; `policy` is what an operator allowed, as JSON.

CREATE TABLE initial_access_tokens (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  policy TEXT NOT NULL,
  uses_left BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX initial_access_tokens_expiry ON initial_access_tokens (expires_at);

CREATE TABLE registrations (
  client TEXT PRIMARY KEY REFERENCES clients (id),
  token_digest TEXT NOT NULL,
  policy TEXT NOT NULL,
  initial_token TEXT NOT NULL
);
