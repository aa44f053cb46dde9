INSERT INTO dealix_events (id, event_type, customer_id, created_at, envelope)
    SELECT id, convert_from(envelope, 'UTF8')::json ->> 'type', convert_from(envelope, 'UTF8')::json ->> 'customer_id', created_at,
        convert_from(envelope, 'UTF8')
    FROM dealix_events_1;
DROP SCHEMA IF EXISTS apalis CASCADE;
DROP FUNCTION IF EXISTS dealix_forget_done();
