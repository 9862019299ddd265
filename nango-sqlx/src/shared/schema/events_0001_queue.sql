-- The migrations of the queue that have been applied.
CREATE TABLE IF NOT EXISTS {prefix}migrations (
    version {integer} NOT NULL PRIMARY KEY
){table};

-- One row per event. `event` is JSON that only nango-core reads.
CREATE TABLE {prefix}queue (
    key {bytes} NOT NULL PRIMARY KEY,
    event {text} NOT NULL,
    -- When it may be claimed, in microseconds since 1970, in UTC: its turn, or the end of its claim. NULL in a
    -- dead letter.
    due {integer},
    -- The claim that holds it, or held it until its worker ended.
    claim {bytes},
    failures {integer} NOT NULL,
    deaths {integer} NOT NULL,
    -- Why, and since when it is a dead letter.
    reason {text},
    dead_since {integer}
){table};

CREATE INDEX {prefix}queue_due ON {prefix}queue (due, key);

INSERT INTO {prefix}migrations (version) VALUES (1);
