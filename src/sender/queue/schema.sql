-- The queue's own tables, beside apalis'. PostgreSQL gets BYTEA for BLOB.
CREATE TABLE IF NOT EXISTS dealix_subscriptions (
    id TEXT PRIMARY KEY NOT NULL,
    customer_id TEXT NOT NULL,
    endpoint_url TEXT NOT NULL,
    secrets TEXT NOT NULL,
    events TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_reason TEXT,
    failing_since BIGINT
);
CREATE INDEX IF NOT EXISTS dealix_subscriptions_customer ON dealix_subscriptions (customer_id);
CREATE TABLE IF NOT EXISTS dealix_events (
    id TEXT PRIMARY KEY NOT NULL,
    created_at BIGINT NOT NULL,
    envelope BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS dealix_events_created ON dealix_events (created_at);
CREATE TABLE IF NOT EXISTS dealix_deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    endpoint_url TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_before_replay BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    next_attempt_at BIGINT,
    finished_at BIGINT,
    status_code BIGINT,
    error TEXT
);
CREATE INDEX IF NOT EXISTS dealix_deliveries_created ON dealix_deliveries (created_at);
CREATE INDEX IF NOT EXISTS dealix_deliveries_event ON dealix_deliveries (event_id);
CREATE INDEX IF NOT EXISTS dealix_deliveries_pending ON dealix_deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS dealix_deliveries_dead ON dealix_deliveries (finished_at) WHERE state = 'dead_letter';
CREATE INDEX IF NOT EXISTS dealix_deliveries_finished ON dealix_deliveries (finished_at);
CREATE TABLE IF NOT EXISTS dealix_attempts (
    id TEXT PRIMARY KEY NOT NULL,
    delivery_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    timestamp BIGINT NOT NULL,
    status_code BIGINT,
    success BIGINT NOT NULL,
    error TEXT,
    duration_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS dealix_attempts_delivery ON dealix_attempts (delivery_id);
-- The last to be written: where it is there, so is all the rest.
CREATE TABLE IF NOT EXISTS dealix_schema (version BIGINT PRIMARY KEY NOT NULL);
INSERT INTO dealix_schema (version) VALUES (1) ON CONFLICT (version) DO NOTHING;
