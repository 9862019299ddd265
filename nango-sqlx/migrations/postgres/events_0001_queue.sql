-- The migrations of the queue that have been applied.
CREATE TABLE IF NOT EXISTS nango_events_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

-- One row per event. `event` is JSON that only nango-core reads.
CREATE TABLE nango_events_queue (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    -- When it may be claimed, in microseconds since 1970, in UTC: its turn, or the end of its claim. NULL in a
    -- dead letter.
    due BIGINT,
    -- The claim that holds it, or held it until its worker ended.
    claim TEXT COLLATE "C",
    failures BIGINT NOT NULL,
    deaths BIGINT NOT NULL,
    -- Why, and since when it is a dead letter.
    reason TEXT,
    dead_since BIGINT
);

CREATE INDEX nango_events_queue_due ON nango_events_queue (due, key);

INSERT INTO nango_events_migrations (version) VALUES (1);
