-- Recovery codes that citizens keep: each as its keyed tag alone. A new set takes the place of the whole one before.

CREATE TABLE recovery_codes (
  tag TEXT PRIMARY KEY,
  citizen TEXT NOT NULL REFERENCES citizens (id),
  batch TEXT NOT NULL,
  batch_made_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  spent_at BIGINT
);
CREATE INDEX recovery_codes_citizen ON recovery_codes (citizen);
