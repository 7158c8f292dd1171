-- Leaving: which agencies must still be told, from server to server, that a citizen left. A row is written in the
-- transaction that ends the session and goes when the agency has taken the notice or its time is over.
-- A client's standing, and the secret that it had before, good for a while after a change.

CREATE TABLE logout_notices (
  client TEXT NOT NULL,
  sid TEXT NOT NULL,
  citizen TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  PRIMARY KEY (client, sid)
);
CREATE INDEX logout_notices_due ON logout_notices (next_at);

ALTER TABLE clients ADD COLUMN previous_digest TEXT;
ALTER TABLE clients ADD COLUMN previous_until BIGINT;
ALTER TABLE clients ADD COLUMN disabled_at BIGINT;
