-- Browsers that a citizen has logged in with, by a keyed tag of their cookie: a login from another one is told. Of each
-- citizen the last twenty are kept, however old: with none left, the next login would pass for the first.

CREATE TABLE browsers (
  citizen TEXT NOT NULL REFERENCES citizens (id),
  browser TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (citizen, browser)
);
