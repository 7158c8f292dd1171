-- A grant has one code at most, so the code is part of its row: written with it, and spent where everything else of the
-- grant is read. A table of its own had to be found by an index of chance, and led back to the grant by another one.

ALTER TABLE grants ADD COLUMN code TEXT;
ALTER TABLE grants ADD COLUMN code_expires_at BIGINT;
ALTER TABLE grants ADD COLUMN redirect_uri TEXT;
ALTER TABLE grants ADD COLUMN challenge TEXT;
ALTER TABLE grants ADD COLUMN nonce TEXT;
ALTER TABLE grants ADD COLUMN state_digest TEXT;
ALTER TABLE grants ADD COLUMN dpop_jkt TEXT;
ALTER TABLE grants ADD COLUMN redeemed_at BIGINT;
UPDATE grants SET
  code = (SELECT digest FROM codes WHERE codes.grant_id = grants.id),
  code_expires_at = (SELECT expires_at FROM codes WHERE codes.grant_id = grants.id),
  redirect_uri = (SELECT redirect_uri FROM codes WHERE codes.grant_id = grants.id),
  challenge = (SELECT challenge FROM codes WHERE codes.grant_id = grants.id),
  nonce = (SELECT nonce FROM codes WHERE codes.grant_id = grants.id),
  state_digest = (SELECT state_digest FROM codes WHERE codes.grant_id = grants.id),
  dpop_jkt = (SELECT dpop_jkt FROM codes WHERE codes.grant_id = grants.id),
  redeemed_at = (SELECT redeemed_at FROM codes WHERE codes.grant_id = grants.id);
CREATE UNIQUE INDEX grants_code ON grants (code) WHERE code IS NOT NULL;
DROP TABLE codes;

-- The first refresh token of a family replaces none.
DROP INDEX refresh_tokens_parent;
CREATE INDEX refresh_tokens_parent ON refresh_tokens (parent) WHERE parent IS NOT NULL;
