-- The migrations that have been applied.
CREATE TABLE IF NOT EXISTS nango_migrations (
    version BIGINT NOT NULL PRIMARY KEY
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- One row per connection. `details` is JSON that only nango-core reads.
CREATE TABLE nango_connections (
    integration VARBINARY(1020) NOT NULL,
    connection_id VARBINARY(1020) NOT NULL,
    version BIGINT NOT NULL,
    owner_kind VARBINARY(1020),
    owner_id VARBINARY(1020),
    owner_scope VARBINARY(1020),
    removed BOOLEAN NOT NULL,
    announced BOOLEAN NOT NULL,
    -- Microseconds since 1970, in UTC.
    look_again_at BIGINT,
    details MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (integration, connection_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE INDEX nango_connections_owner ON nango_connections (owner_id, owner_kind);

CREATE INDEX nango_connections_pending ON nango_connections (announced, look_again_at);

-- Tasks that one of several instances runs for all of them, until its lease ends.
CREATE TABLE nango_leases (
    name VARBINARY(1020) NOT NULL PRIMARY KEY,
    holder VARBINARY(1020) NOT NULL,
    -- Microseconds since 1970, in UTC.
    ends_at BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

INSERT INTO nango_migrations (version) VALUES (1);
