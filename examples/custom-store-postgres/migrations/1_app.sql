-- The app's own tables, as many an app has them.
CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email TEXT NOT NULL UNIQUE
);

CREATE TABLE connections (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Nango's integration id and connection id.
    provider TEXT NOT NULL,
    nango_id TEXT NOT NULL,
    -- The user's name for the connection.
    label TEXT NOT NULL
);
