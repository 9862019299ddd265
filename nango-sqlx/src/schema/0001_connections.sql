-- One row for each connection. `details` is JSON that only nango-core reads.
CREATE TABLE {prefix}connections (
    integration    {bytes} NOT NULL,
    connection_id  {bytes} NOT NULL,
    version        {integer} NOT NULL,
    owner_kind     {bytes},
    owner_id       {bytes},
    owner_scope    {bytes},
    removed        {flag} NOT NULL,
    announced      {flag} NOT NULL,
    look_again_at  {integer}, -- microseconds since 1970 in UTC
    details        {text} NOT NULL,
    PRIMARY KEY (integration, connection_id)
){table};

CREATE INDEX {prefix}connections_by_owner ON {prefix}connections (owner_id, owner_kind){where owned};

CREATE INDEX {prefix}connections_pending ON {prefix}connections (announced, look_again_at){where pending};

-- What one of several instances does for all of them, and until when.
CREATE TABLE {prefix}leases (
    name     {bytes} NOT NULL PRIMARY KEY,
    holder   {bytes} NOT NULL,
    ends_at  {integer} NOT NULL -- microseconds since 1970 in UTC
){table};
