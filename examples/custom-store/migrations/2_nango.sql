-- The store's columns. Rows that existed before have no version. The first sweep adopts those whose tags at Nango name an
-- owner; `Nango::adopt` is for the others. Rows that the store has erased have no version either. Those that the store had
-- inserted are then empty, and the app may delete them from time to time:
-- DELETE FROM connections WHERE version IS NULL AND user_id IS NULL AND label IS NULL;
ALTER TABLE connections ADD COLUMN version INTEGER;
-- Owners are texts, since not every owner is a user.
ALTER TABLE connections ADD COLUMN owner_kind TEXT;
ALTER TABLE connections ADD COLUMN owner_id TEXT;
ALTER TABLE connections ADD COLUMN owner_scope TEXT;
ALTER TABLE connections ADD COLUMN removed INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE connections ADD COLUMN announced INTEGER NOT NULL DEFAULT TRUE;
-- Microseconds since 1970.
ALTER TABLE connections ADD COLUMN look_again_at INTEGER;
-- JSON that only nango-core reads.
ALTER TABLE connections ADD COLUMN details TEXT;

-- For `list` and `pending`. The unique key serves the other queries.
CREATE INDEX connections_owner ON connections (owner_id, owner_kind);
CREATE INDEX connections_pending ON connections (look_again_at) WHERE announced = FALSE OR look_again_at IS NOT NULL;
