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
    refused_at BIGINT
);
CREATE INDEX dealix_outbox_waiting ON dealix_outbox (seq) WHERE error IS NULL;
-- Leaves space in each page, so that the new version of a row that is leased fits next to the old one.
ALTER TABLE dealix_deliveries SET (fillfactor = 80);
-- A queue's tables change all the time, so they are vacuumed and analyzed sooner than by default.
ALTER TABLE dealix_deliveries SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE dealix_outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- Enqueues an event in the caller's own transaction, from any language. A role that has USAGE on the schema `dealix` may call it,
-- and needs no privileges on the tables, because the function runs as its owner.
CREATE SCHEMA IF NOT EXISTS dealix;
DO $migration$
DECLARE
    elsewhere text := (SELECT proconfig[1] FROM pg_proc WHERE oid = to_regprocedure('dealix.enqueue(text, text, text, text)')
        AND proconfig[1] <> format('search_path=pg_catalog, %I, pg_temp', current_schema()));
BEGIN
    IF elsewhere IS NOT NULL THEN
        RAISE EXCEPTION 'this database has another queue, to which dealix.enqueue writes (%): use a separate database', elsewhere
            USING HINT = 'If that queue is no longer needed, DROP SCHEMA dealix CASCADE.';
    END IF;
    EXECUTE format($definition$
        CREATE OR REPLACE FUNCTION dealix.enqueue(event_type text, customer_id text, data text, event_id text DEFAULT NULL)
        RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, %1$I, pg_temp AS $function$
        DECLARE
            most_bytes bigint := coalesce(nullif(current_setting('dealix.max_data_bytes', true), ''), '1048576')::bigint;
        BEGIN
            IF coalesce(enqueue.event_type, '') !~ '^[\t -~]+$' THEN
                RAISE EXCEPTION 'dealix.enqueue: event_type is empty or holds characters that a header cannot carry'
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF enqueue.event_id !~ '^[\t -~]+$' THEN
                RAISE EXCEPTION 'dealix.enqueue: event_id is empty or holds characters that a header cannot carry'
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF greatest(octet_length(enqueue.event_type), octet_length(enqueue.event_id), octet_length(enqueue.customer_id)) > 255 THEN
                RAISE EXCEPTION 'dealix.enqueue: event_type, event_id or customer_id is longer than 255 bytes'
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF coalesce(enqueue.customer_id, '') = '' THEN
                RAISE EXCEPTION 'dealix.enqueue: customer_id is empty' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF octet_length(enqueue.data) > most_bytes THEN
                RAISE EXCEPTION 'dealix.enqueue: data has %% bytes; the limit is %%', octet_length(enqueue.data), most_bytes
                    USING ERRCODE = 'program_limit_exceeded',
                          HINT = 'ALTER DATABASE … SET dealix.max_data_bytes raises it; raise the workers'' --max-envelope-bytes as well.';
            END IF;
            IF enqueue.data IS NULL OR json_typeof(enqueue.data::json) <> 'object' THEN
                RAISE EXCEPTION 'dealix.enqueue: data is not a JSON object' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            INSERT INTO dealix_outbox (event_id, event_type, customer_id, data, created_at)
            VALUES (coalesce(enqueue.event_id, 'evt_' || left(replace(gen_random_uuid()::text, '-', ''), 24)),
                enqueue.event_type, enqueue.customer_id, enqueue.data,
                floor(extract(epoch FROM statement_timestamp()))::bigint)
            RETURNING dealix_outbox.event_id INTO enqueue.event_id;
            PERFORM pg_notify('dealix', '');
            RETURN enqueue.event_id;
        END
        $function$
    $definition$, current_schema());
END
$migration$;
-- `json` keeps its text. `jsonb` has already changed some numbers (1e2 to 100, -0.0 to 0.0): pass text or json if every number
-- must arrive as it was written.
CREATE OR REPLACE FUNCTION dealix.enqueue(event_type text, customer_id text, data json, event_id text DEFAULT NULL)
RETURNS text LANGUAGE sql AS 'SELECT dealix.enqueue(event_type, customer_id, data::text, event_id)';
CREATE OR REPLACE FUNCTION dealix.enqueue(event_type text, customer_id text, data jsonb, event_id text DEFAULT NULL)
RETURNS text LANGUAGE sql AS 'SELECT dealix.enqueue(event_type, customer_id, data::text, event_id)';
