-- Enqueues an event in the caller's own transaction, from any language. A role that has USAGE on the schema `dealix` may call it,
-- and needs no privileges on the tables, because the function runs as its owner.
CREATE SCHEMA IF NOT EXISTS dealix;
DO $migration$
DECLARE
    elsewhere text := (SELECT proconfig[1] FROM pg_proc WHERE pronamespace = to_regnamespace('dealix') AND proname = 'enqueue'
        AND proconfig[1] <> format('search_path=pg_catalog, %I, pg_temp', current_schema()) LIMIT 1);
BEGIN
    IF elsewhere IS NOT NULL THEN
        RAISE EXCEPTION 'this database has another queue, to which dealix.enqueue writes (%): use a separate database', elsewhere
            USING HINT = 'If that queue is no longer needed, DROP SCHEMA dealix CASCADE.';
    END IF;
    -- Those of earlier versions, which take no traceparent: with both, a call would be ambiguous.
    DROP FUNCTION IF EXISTS dealix.enqueue(text, text, text, text);
    DROP FUNCTION IF EXISTS dealix.enqueue(text, text, json, text);
    DROP FUNCTION IF EXISTS dealix.enqueue(text, text, jsonb, text);
    EXECUTE format($definition$
        CREATE OR REPLACE FUNCTION dealix.enqueue(event_type text, customer_id text, data text,
            event_id text DEFAULT NULL, traceparent text DEFAULT NULL)
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
            INSERT INTO dealix_outbox (event_id, event_type, customer_id, data, created_at, traceparent)
            VALUES (coalesce(enqueue.event_id, 'evt_' || left(replace(gen_random_uuid()::text, '-', ''), 24)),
                enqueue.event_type, enqueue.customer_id, enqueue.data,
                floor(extract(epoch FROM statement_timestamp()))::bigint,
                -- W3C Trace Context 3.3: one that is not valid is ignored.
                substring(enqueue.traceparent FROM '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'))
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
CREATE OR REPLACE FUNCTION dealix.enqueue(event_type text, customer_id text, data json,
    event_id text DEFAULT NULL, traceparent text DEFAULT NULL)
RETURNS text LANGUAGE sql AS 'SELECT dealix.enqueue(event_type, customer_id, data::text, event_id, traceparent)';
CREATE OR REPLACE FUNCTION dealix.enqueue(event_type text, customer_id text, data jsonb,
    event_id text DEFAULT NULL, traceparent text DEFAULT NULL)
RETURNS text LANGUAGE sql AS 'SELECT dealix.enqueue(event_type, customer_id, data::text, event_id, traceparent)';
