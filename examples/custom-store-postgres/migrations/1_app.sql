-- The app's own tables.
CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email TEXT NOT NULL UNIQUE
);

CREATE TABLE connections (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID REFERENCES users (id) ON DELETE SET NULL,
    -- Nango's integration id and connection id.
    provider TEXT NOT NULL,
    nango_id TEXT NOT NULL,
    -- The user's name for the connection.
    label TEXT,
    UNIQUE (provider, nango_id)
);
