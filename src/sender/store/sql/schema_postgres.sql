CREATE TABLE dealix_outbox (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    -- The text of a JSON object, as it was passed.
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- If it can never be sent: why, and when that was found.
    error TEXT,
    refused_at BIGINT,
    traceparent TEXT
);
CREATE INDEX dealix_outbox_waiting ON dealix_outbox (seq) WHERE error IS NULL;
-- Leaves space in each page, so that the new version of a row that is leased fits next to the old one.
ALTER TABLE dealix_deliveries SET (fillfactor = 80);
-- A queue's tables change all the time, so they are vacuumed and analyzed sooner than by default.
ALTER TABLE dealix_deliveries SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE dealix_outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);
