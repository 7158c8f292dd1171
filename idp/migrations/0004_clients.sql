-- Clients that prove themselves by signatures and certificates; tokens that work in one pair of hands.

-- client_secret_jwt (OpenID Connect Core section 9) is checked with the secret itself: sealed, for such clients only.
ALTER TABLE clients ADD COLUMN secret_sealed BLOB;

-- What counts once (the jti of an assertion or a proof), as a digest, until it is refused for its age.
CREATE TABLE replays (
  digest TEXT PRIMARY KEY,
  until BIGINT NOT NULL
);
CREATE INDEX replays_until ON replays (until);

-- The key that a code was asked with (RFC 9449 section 10), and what tokens are bound to.
ALTER TABLE codes ADD COLUMN dpop_jkt TEXT;
ALTER TABLE access_tokens ADD COLUMN binding TEXT;
ALTER TABLE refresh_tokens ADD COLUMN binding TEXT;
