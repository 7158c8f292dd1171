-- An address that was the first one and made room for another counts as before, but nobody has shown that they read it:
-- the registry said so. No code was ever sent to such an address.

ALTER TABLE contacts ADD COLUMN registered BIGINT NOT NULL DEFAULT 0;
UPDATE contacts SET registered = 1 WHERE confirmed_at IS NOT NULL AND letters = 0;
