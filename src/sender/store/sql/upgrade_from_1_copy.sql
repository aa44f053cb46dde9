-- Runs after the tables of version 2 have been created.
INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at, disabled_reason, failing_since)
    SELECT id, customer_id, endpoint_url, secrets, events, enabled, created_at, disabled_reason, failing_since FROM dealix_subscriptions_1;
INSERT INTO dealix_deliveries (id, event_id, event_type, customer_id, subscription_id, endpoint_url, bytes, state, attempts,
        attempts_before_replay, created_at, due_ms, finished_at, status_code, error)
    SELECT d.id, d.event_id, d.event_type, d.customer_id, d.subscription_id, d.endpoint_url, coalesce(octet_length(e.envelope), 0),
        d.state, d.attempts, d.attempts_before_replay, d.created_at, d.next_attempt_at * 1000, d.finished_at, d.status_code, d.error
    FROM dealix_deliveries_1 d LEFT JOIN dealix_events_1 e ON e.id = d.event_id;
INSERT INTO dealix_attempts (id, delivery_id, attempt, timestamp, status_code, success, error, duration_ms)
    SELECT id, delivery_id, attempt, timestamp, status_code, success, error, duration_ms FROM dealix_attempts_1;
DROP TABLE dealix_subscriptions_1;
DROP TABLE dealix_events_1;
DROP TABLE dealix_deliveries_1;
DROP TABLE dealix_attempts_1;
