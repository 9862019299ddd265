-- The migrations that have been applied.
CREATE TABLE IF NOT EXISTS nango_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- One row per connection. `details` is JSON that only nango-core reads.
CREATE TABLE nango_connections (
    integration TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    owner_kind TEXT,
    owner_id TEXT,
    owner_scope TEXT,
    removed INTEGER NOT NULL,
    announced INTEGER NOT NULL,
    -- Microseconds since 1970, in UTC.
    look_again_at INTEGER,
    details TEXT NOT NULL,
    PRIMARY KEY (integration, connection_id)
) STRICT;

CREATE INDEX nango_connections_owner ON nango_connections (owner_id, owner_kind)
    WHERE removed = FALSE;

CREATE INDEX nango_connections_pending ON nango_connections (announced, look_again_at)
    WHERE announced = FALSE OR look_again_at IS NOT NULL;

-- Tasks that one of several instances runs for all of them, until its lease ends.
CREATE TABLE nango_leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    -- Microseconds since 1970, in UTC.
    ends_at INTEGER NOT NULL
) STRICT;

INSERT INTO nango_migrations (version) VALUES (1);
