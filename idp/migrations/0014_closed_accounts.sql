-- Accounts that an operator closed, and pauses that were written down.

ALTER TABLE citizens ADD COLUMN closed_at BIGINT;
ALTER TABLE throttles ADD COLUMN noted_until BIGINT NOT NULL DEFAULT 0;
