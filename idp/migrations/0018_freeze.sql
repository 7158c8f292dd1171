-- Accounts that their citizen stopped: nobody logs in until a recovery or a visit. Closing is an operator's act and
-- another thing.

ALTER TABLE citizens ADD COLUMN frozen_at BIGINT;
