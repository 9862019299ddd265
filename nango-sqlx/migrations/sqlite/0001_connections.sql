-- One row for each connection. `details` is JSON that only nango-core reads.
CREATE TABLE nango_connections (
    integration    TEXT NOT NULL,
    connection_id  TEXT NOT NULL,
    version        INTEGER NOT NULL,
    owner_kind     TEXT,
    owner_id       TEXT,
    owner_scope    TEXT,
    removed        INTEGER NOT NULL,
    announced      INTEGER NOT NULL,
    look_again_at  INTEGER, -- microseconds since 1970 in UTC
    details        TEXT NOT NULL,
    PRIMARY KEY (integration, connection_id)
) STRICT;

CREATE INDEX nango_connections_by_owner ON nango_connections (owner_id, owner_kind) WHERE removed = FALSE;

CREATE INDEX nango_connections_pending ON nango_connections (announced, look_again_at) WHERE announced = FALSE OR look_again_at IS NOT NULL;

-- What one of several instances does for all of them, and until when.
CREATE TABLE nango_leases (
    name     TEXT NOT NULL PRIMARY KEY,
    holder   TEXT NOT NULL,
    ends_at  INTEGER NOT NULL -- microseconds since 1970 in UTC
) STRICT;
