-- Notices to citizens by mail. A row is written in the transaction of the act that it tells, one for each address, and
-- goes when the mail server has taken the letter or its time is over. Address, words and link are sealed.
-- The link "it wasn't me" of a notice is found by the digest of its token, and good once.
-- In which language a citizen is written to; nothing until they chose one.

CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  kind TEXT NOT NULL,
  sealed BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL
);
CREATE INDEX notices_due ON notices (next_at);

CREATE TABLE not_me (
  digest TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  kind TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  taken_at BIGINT
);
CREATE INDEX not_me_expiry ON not_me (expires_at);

ALTER TABLE citizens ADD COLUMN language TEXT;
