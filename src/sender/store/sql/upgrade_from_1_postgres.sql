INSERT INTO dealix_events (id, event_type, customer_id, created_at, envelope)
    SELECT id, convert_from(envelope, 'UTF8')::json ->> 'type', convert_from(envelope, 'UTF8')::json ->> 'customer_id', created_at,
        convert_from(envelope, 'UTF8')
    FROM dealix_events_1;
-- Another program may use the schema too.
DO $migration$
BEGIN
    IF to_regclass('apalis.jobs') IS NOT NULL THEN
        DELETE FROM apalis.jobs WHERE job_type = 'dealix-webhooks';
        DELETE FROM apalis.workers WHERE worker_type = 'dealix-webhooks';
        IF NOT EXISTS (SELECT 1 FROM apalis.jobs) AND NOT EXISTS (SELECT 1 FROM apalis.workers) THEN
            DROP SCHEMA apalis CASCADE;
        END IF;
    END IF;
END
$migration$;
DROP FUNCTION IF EXISTS dealix_forget_done() CASCADE;
