-- What is mirrored: a model of a connection, in one variant of its sync.
CREATE TABLE IF NOT EXISTS mirrors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    integration TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    model TEXT NOT NULL,
    variant TEXT NOT NULL,
    -- The position up to which the records are stored. It is written with them, in one transaction.
    cursor TEXT,
    -- Grows with each of these transactions: one that began to read before another ended is refused.
    version INTEGER NOT NULL DEFAULT 0,
    -- The times from which on it is to be read, and to be compared, in microseconds since 1970.
    read_at INTEGER,
    compare_at INTEGER NOT NULL,
    UNIQUE (integration, connection_id, model, variant)
) STRICT;

CREATE TABLE IF NOT EXISTS issues (
    mirror INTEGER NOT NULL REFERENCES mirrors (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    title TEXT,
    state TEXT,
    -- The time of the state that is stored, by Nango's clock. An older state never replaces it.
    modified_at INTEGER NOT NULL,
    -- Deleted issues stay, without their data, until the next comparison: an older state must not bring them back.
    deleted INTEGER NOT NULL,
    -- How many states were stored: one that is read twice counts once.
    revision INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (mirror, id)
) STRICT, WITHOUT ROWID;
