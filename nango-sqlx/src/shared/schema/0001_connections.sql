-- The migrations that have been applied.
CREATE TABLE IF NOT EXISTS {prefix}migrations (
    version {integer} NOT NULL PRIMARY KEY
){table};

-- One row per connection. `details` is JSON that only nango-core reads.
CREATE TABLE {prefix}connections (
    integration {bytes} NOT NULL,
    connection_id {bytes} NOT NULL,
    version {integer} NOT NULL,
    owner_kind {bytes},
    owner_id {bytes},
    owner_scope {bytes},
    removed {flag} NOT NULL,
    announced {flag} NOT NULL,
    -- Microseconds since 1970, in UTC.
    look_again_at {integer},
    details {text} NOT NULL,
    PRIMARY KEY (integration, connection_id)
){table};

CREATE INDEX {prefix}connections_owner ON {prefix}connections (owner_id, owner_kind){where live};

CREATE INDEX {prefix}connections_pending ON {prefix}connections (announced, look_again_at){where pending};

-- Tasks that one of several instances runs for all of them, until its lease ends.
CREATE TABLE {prefix}leases (
    name {bytes} NOT NULL PRIMARY KEY,
    holder {bytes} NOT NULL,
    -- Microseconds since 1970, in UTC.
    ends_at {integer} NOT NULL
){table};

INSERT INTO {prefix}migrations (version) VALUES (1);
