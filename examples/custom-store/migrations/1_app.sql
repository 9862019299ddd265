-- The app's own tables.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE connections (
    id INTEGER PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    -- Nango's integration id and connection id.
    provider TEXT NOT NULL,
    nango_id TEXT NOT NULL,
    -- The user's name for the connection.
    label TEXT,
    UNIQUE (provider, nango_id)
) STRICT;
