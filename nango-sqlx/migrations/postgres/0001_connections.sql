-- The migrations that have been applied.
CREATE TABLE IF NOT EXISTS nango_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

-- One row per connection. `details` is JSON that only nango-core reads.
CREATE TABLE nango_connections (
    integration TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    owner_kind TEXT COLLATE "C",
    owner_id TEXT COLLATE "C",
    owner_scope TEXT COLLATE "C",
    removed BOOLEAN NOT NULL,
    announced BOOLEAN NOT NULL,
    -- Microseconds since 1970, in UTC.
    look_again_at BIGINT,
    details TEXT NOT NULL,
    PRIMARY KEY (integration, connection_id)
);

CREATE INDEX nango_connections_owner ON nango_connections (owner_id, owner_kind)
    WHERE removed = FALSE;

CREATE INDEX nango_connections_pending ON nango_connections (announced, look_again_at)
    WHERE announced = FALSE OR look_again_at IS NOT NULL;

-- Tasks that one of several instances runs for all of them, until its lease ends.
CREATE TABLE nango_leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    -- Microseconds since 1970, in UTC.
    ends_at BIGINT NOT NULL
);

INSERT INTO nango_migrations (version) VALUES (1);
