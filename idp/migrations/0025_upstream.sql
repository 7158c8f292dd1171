-- People who are away at another provider, to come back with its word for who they are: one for each browser, the newest.
-- What the question holds beside its state is derived from it.

CREATE TABLE upstream_questions (
  browser_digest TEXT PRIMARY KEY,
  state_digest TEXT NOT NULL,
  provider TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_questions_expiry ON upstream_questions (expires_at);
