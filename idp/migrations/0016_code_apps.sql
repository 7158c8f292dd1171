-- Apps for one-time codes have names and may be removed; what was ever bound stays on record, its seed does not.

ALTER TABLE totp ADD COLUMN name BLOB;
ALTER TABLE totp ADD COLUMN removed_at BIGINT;
