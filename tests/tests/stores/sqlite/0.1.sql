-- A database as version 0.1.0 leaves it: every kind of row, and what is in `details`. Never changed: a newer version has
-- to read it.
CREATE TABLE nango_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;
CREATE TABLE nango_connections (
    integration TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    owner_kind TEXT,
    owner_id TEXT,
    owner_scope TEXT,
    removed INTEGER NOT NULL,
    announced INTEGER NOT NULL,
    look_again_at INTEGER,
    details TEXT NOT NULL,
    PRIMARY KEY (integration, connection_id)
) STRICT;
CREATE INDEX nango_connections_owner ON nango_connections (owner_id, owner_kind)
    WHERE removed = FALSE;
CREATE INDEX nango_connections_pending ON nango_connections (announced, look_again_at)
    WHERE announced = FALSE OR look_again_at IS NOT NULL;
CREATE TABLE nango_leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;
INSERT INTO nango_migrations (version) VALUES (1);
INSERT INTO nango_leases VALUES ('sweep', 'somebody', 1764000000000000);
INSERT INTO nango_connections VALUES
('slack', 'a', 7, 'user', '1', 'acme', 0, 1, NULL,
 '{"incarnation":12,"provider":"slack","created_at":"2026-11-23T09:02:01.82Z","health":{"health":"healthy","since":"2026-11-23T09:02:02Z"},"tags":{"end_user_id":"1"}}'),
('slack', 'b', -9223372036854775808, 'user', '1', 'acme', 0, 0, 1764000000000001,
 '{"incarnation":13,"provider":"slack","created_at":"2026-11-23T09:02:01Z","health":{"health":"degraded","since":"2026-11-23T09:02:02Z","failing":{"at":"2026-11-23T09:02:02Z","log_id":"x"}},"tags":{},"forced_at":"2026-11-23T09:02:02Z"}'),
('slack', 'c', 9, NULL, NULL, NULL, 1, 1, NULL,
 '{"incarnation":14,"provider":"slack","created_at":"2026-11-23T09:02:01Z","health":{"health":{"unknown":"integration"},"since":"2026-11-23T09:02:02Z"},"tags":{},"removal":"disconnected"}'),
('slack', 'd', 10, 'user', '1', 'acme', 1, 1, NULL,
 '{"incarnation":15,"provider":"slack","created_at":"2026-11-23T09:02:01Z","health":{"health":"gone","since":"2026-11-23T09:02:02Z"},"tags":{},"removal":"gone"}');
