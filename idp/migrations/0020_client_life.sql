-- A client that was disabled and enabled again begins anew: what it got for itself before is dead, rows or no rows.
-- A client that signs with its secret keeps the one before for as long as both are good.

ALTER TABLE clients ADD COLUMN tokens_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN previous_sealed BLOB;
