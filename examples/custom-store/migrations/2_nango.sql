-- What the store needs. Rows that were there before have no version: the first sweep brings them in line.
ALTER TABLE connections ADD COLUMN version INTEGER;
-- Owners are texts, and not all of them are users.
ALTER TABLE connections ADD COLUMN owner_kind TEXT;
ALTER TABLE connections ADD COLUMN owner_id TEXT;
ALTER TABLE connections ADD COLUMN owner_scope TEXT;
ALTER TABLE connections ADD COLUMN removed INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE connections ADD COLUMN announced INTEGER NOT NULL DEFAULT TRUE;
-- Microseconds since 1970.
ALTER TABLE connections ADD COLUMN look_again_at INTEGER;
-- JSON that only nango-core reads.
ALTER TABLE connections ADD COLUMN details TEXT;

-- For `list`, and for the few rows that are ever pending. The unique key serves the rest.
CREATE INDEX connections_owner ON connections (owner_id, owner_kind);
CREATE INDEX connections_pending ON connections (look_again_at) WHERE announced = FALSE OR look_again_at IS NOT NULL;
