INSERT INTO dealix_events (id, event_type, customer_id, created_at, envelope)
    SELECT id, CAST(envelope AS TEXT) ->> '$.type', CAST(envelope AS TEXT) ->> '$.customer_id', created_at, CAST(envelope AS TEXT)
    FROM dealix_events_1;
DROP TABLE IF EXISTS Jobs;
DROP TABLE IF EXISTS Workers;
