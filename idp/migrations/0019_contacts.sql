-- Further addresses of a citizen. The first one is part of their identity data; these are for notices, and the oldest
-- confirmed one takes the place of the first when that is taken away. An address counts once its owner has typed the code
-- that was sent to it. `asked_at` and `letters` bound how many letters anybody can make us send.

CREATE TABLE contacts (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  tag TEXT NOT NULL,
  sealed BLOB NOT NULL,
  asked_at BIGINT NOT NULL,
  letters BIGINT NOT NULL,
  code_digest TEXT,
  code_expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  confirmed_at BIGINT,
  UNIQUE (citizen, tag)
);
