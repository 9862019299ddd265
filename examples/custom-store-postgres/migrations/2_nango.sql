-- The store inserts rows that the app has not made, also for owners that are not users. So the key is unique, and no other column
-- of the app is required: `label` stands for each that is NOT NULL without a default. Rows with equal keys have to be merged before.
ALTER TABLE connections
    ADD UNIQUE (provider, nango_id),
    ALTER COLUMN user_id DROP NOT NULL,
    ALTER COLUMN label DROP NOT NULL;

-- A connection outlives its user: `Nango::forget` finds it by its row, and ends it at Nango.
ALTER TABLE connections
    DROP CONSTRAINT connections_user_id_fkey,
    ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL;

-- The store's columns. Rows that existed before have no version. The first sweep adopts those whose tags
-- at Nango name an owner; `Nango::adopt` is for the others. Rows that the store has erased have no version
-- either. Those that the store had inserted are then empty, and the app may delete them from time to time, by a column of its own
-- that it sets in every row, which the store never does:
-- DELETE FROM connections WHERE version IS NULL AND user_id IS NULL AND label IS NULL;
ALTER TABLE connections
    ADD COLUMN version BIGINT,
    -- Owners are texts, since not every owner is a user.
    ADD COLUMN owner_kind TEXT,
    ADD COLUMN owner_id TEXT,
    ADD COLUMN owner_scope TEXT,
    ADD COLUMN removed BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN announced BOOLEAN NOT NULL DEFAULT TRUE,
    -- Microseconds since 1970, in UTC.
    ADD COLUMN look_again_at BIGINT,
    -- JSON that only nango-core reads. Not JSONB, which would change it.
    ADD COLUMN details TEXT;

-- Keys sort byte by byte, whatever the collation of the app's columns is.
CREATE INDEX connections_key ON connections (provider COLLATE "C", nango_id COLLATE "C")
    WHERE version IS NOT NULL;
CREATE INDEX connections_owner ON connections (owner_id, owner_kind) WHERE removed = FALSE;
CREATE INDEX connections_pending ON connections (look_again_at)
    WHERE announced = FALSE OR look_again_at IS NOT NULL;

-- Work that one of several instances does for all of them, until its lease ends.
CREATE TABLE connection_leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL
);
