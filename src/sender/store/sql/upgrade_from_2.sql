-- Adds the columns and the table of version 3. Nothing is rewritten, so the time does not depend on the number of rows.
ALTER TABLE dealix_subscriptions ADD COLUMN headers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dealix_subscriptions ADD COLUMN note TEXT;
ALTER TABLE dealix_subscriptions ADD COLUMN max_per_second BIGINT;
ALTER TABLE dealix_subscriptions ADD COLUMN failed_at BIGINT;
ALTER TABLE dealix_events ADD COLUMN traceparent TEXT;
ALTER TABLE dealix_outbox ADD COLUMN traceparent TEXT;
ALTER TABLE dealix_attempts ADD COLUMN queue_ms BIGINT;
ALTER TABLE dealix_attempts ADD COLUMN dns_ms BIGINT;
ALTER TABLE dealix_attempts ADD COLUMN connect_ms BIGINT;
ALTER TABLE dealix_attempts ADD COLUMN tls_ms BIGINT;
ALTER TABLE dealix_attempts ADD COLUMN first_byte_ms BIGINT;
ALTER TABLE dealix_attempts ADD COLUMN content_type TEXT;
ALTER TABLE dealix_attempts ADD COLUMN excerpt TEXT;
CREATE TABLE dealix_alarms (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
UPDATE dealix_schema SET version = 3;
