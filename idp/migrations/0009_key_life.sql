-- The life of a signing key: from when it signs, whether it was taken back, where its private half is. `public` is its
-- JWK, which stays when the private half is destroyed (`retired_at`, `sealed` empty).

ALTER TABLE signing_keys ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN home TEXT NOT NULL DEFAULT 'sealed';
ALTER TABLE signing_keys ADD COLUMN public TEXT NOT NULL DEFAULT '';
ALTER TABLE signing_keys ADD COLUMN active_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN revoked_at BIGINT;

UPDATE signing_keys SET active_from = created_at, generation = (
  SELECT COUNT(*) FROM signing_keys AS older
  WHERE older.algorithm = signing_keys.algorithm
    AND (older.created_at < signing_keys.created_at
      OR (older.created_at = signing_keys.created_at AND older.kid <= signing_keys.kid))
);

-- Of two nodes that make a successor at once, one does.
CREATE UNIQUE INDEX signing_keys_generation ON signing_keys (algorithm, generation);
