-- What the app had before.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE connections (
    id INTEGER PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    -- Nango's integration, and its id of the connection.
    provider TEXT NOT NULL,
    nango_id TEXT NOT NULL,
    -- What the user calls it.
    label TEXT,
    UNIQUE (provider, nango_id)
) STRICT;
