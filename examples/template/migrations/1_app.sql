CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- In lower case.
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL,
    -- Seconds since 1970.
    expires BIGINT NOT NULL
);

CREATE INDEX sessions_expires ON sessions (expires);

-- One row for each mail, by the key of the change that it is about: a change is notified at least once.
CREATE TABLE mails (
    change_key TEXT PRIMARY KEY,
    sent_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- One row for each run of a sync, by the key of its event: an event is handled at least once.
CREATE TABLE sync_runs (
    event_key TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    integration TEXT NOT NULL,
    model TEXT,
    added BIGINT NOT NULL,
    handled_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX sync_runs_of_user ON sync_runs (user_id, handled_at);
