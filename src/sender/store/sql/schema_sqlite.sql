-- Any program can insert events here in its own transaction: event_type, customer_id and data, the text of a JSON object.
CREATE TABLE dealix_outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL DEFAULT ('evt_' || lower(hex(randomblob(6))) || '4' || substr(lower(hex(randomblob(2))), 2)
        || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(4))), 2)),
    event_type TEXT NOT NULL CHECK (event_type <> ''),
    customer_id TEXT NOT NULL CHECK (customer_id <> ''),
    data TEXT NOT NULL CHECK (json_valid(data) AND json_type(data) = 'object'),
    created_at BIGINT NOT NULL DEFAULT (unixepoch()),
    -- If it can never be sent: why, and when that was found.
    error TEXT,
    refused_at BIGINT,
    traceparent TEXT
);
CREATE INDEX dealix_outbox_waiting ON dealix_outbox (seq) WHERE error IS NULL;
