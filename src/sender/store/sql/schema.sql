-- The queue's tables, the same in SQLite and PostgreSQL. Columns that end in `_at` are in seconds since 1970, and those that
-- end in `_ms` in milliseconds; both by the database's clock. A row of `dealix_deliveries` is both the record of a delivery and
-- its place in the queue.
CREATE TABLE dealix_subscriptions (
    id TEXT PRIMARY KEY NOT NULL,
    customer_id TEXT NOT NULL,
    endpoint_url TEXT NOT NULL,
    secrets TEXT NOT NULL,
    events TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    paused BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    disabled_reason TEXT,
    failing_since BIGINT,
    held_until_ms BIGINT NOT NULL DEFAULT 0,
    -- Headers of its own: a JSON array of names and values.
    headers TEXT NOT NULL DEFAULT '[]',
    note TEXT,
    max_per_second BIGINT,
    -- When an attempt last failed while it has been failing; to the minute, so that not every failure is written here.
    failed_at BIGINT
);
CREATE INDEX dealix_subscriptions_customer ON dealix_subscriptions (customer_id);
CREATE TABLE dealix_events (
    id TEXT PRIMARY KEY NOT NULL,
    event_type TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Canonical JSON, which is ASCII.
    envelope TEXT NOT NULL,
    traceparent TEXT
);
CREATE INDEX dealix_events_created ON dealix_events (created_at);
CREATE TABLE dealix_deliveries (
    -- Begins with the time, so that rows which are written together are neighbours, and the newest come last.
    id TEXT PRIMARY KEY NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    endpoint_url TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    attempts_before_replay BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    due_ms BIGINT,
    -- Not indexed, so that leasing a row updates no index.
    leased_until_ms BIGINT NOT NULL DEFAULT 0,
    leased_by TEXT,
    finished_at BIGINT,
    status_code BIGINT,
    error TEXT
);
CREATE INDEX dealix_deliveries_due ON dealix_deliveries (subscription_id, due_ms, id) WHERE state = 'pending';
CREATE INDEX dealix_deliveries_dead ON dealix_deliveries (finished_at) WHERE state = 'dead_letter';
CREATE INDEX dealix_deliveries_state ON dealix_deliveries (state, id);
CREATE INDEX dealix_deliveries_customer ON dealix_deliveries (customer_id, state, id);
CREATE UNIQUE INDEX dealix_deliveries_event ON dealix_deliveries (event_id, subscription_id);
CREATE TABLE dealix_attempts (
    id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    timestamp BIGINT NOT NULL,
    status_code BIGINT,
    success BIGINT NOT NULL,
    error TEXT,
    duration_ms BIGINT NOT NULL,
    -- What the time was spent on, and the beginning of what the endpoint said.
    queue_ms BIGINT,
    dns_ms BIGINT,
    connect_ms BIGINT,
    tls_ms BIGINT,
    first_byte_ms BIGINT,
    content_type TEXT,
    excerpt TEXT,
    PRIMARY KEY (delivery_id, id)
);
-- What operators have been told of and that still lasts.
CREATE TABLE dealix_alarms (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
-- Version 1 of this library inserts its own version if it is missing. The check makes it fail and stop.
CREATE TABLE dealix_schema (version BIGINT PRIMARY KEY NOT NULL CHECK (version >= 2));
INSERT INTO dealix_schema (version) VALUES (3);
