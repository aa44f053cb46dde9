-- From version 1, which used apalis. Pending deliveries stay due at the same time, and everything else is unchanged.
ALTER TABLE dealix_subscriptions RENAME TO dealix_subscriptions_1;
ALTER TABLE dealix_events RENAME TO dealix_events_1;
ALTER TABLE dealix_deliveries RENAME TO dealix_deliveries_1;
ALTER TABLE dealix_attempts RENAME TO dealix_attempts_1;
DROP TABLE dealix_schema;
DROP INDEX IF EXISTS dealix_subscriptions_customer;
DROP INDEX IF EXISTS dealix_events_created;
DROP INDEX IF EXISTS dealix_deliveries_created;
DROP INDEX IF EXISTS dealix_deliveries_event;
DROP INDEX IF EXISTS dealix_deliveries_pending;
DROP INDEX IF EXISTS dealix_deliveries_dead;
DROP INDEX IF EXISTS dealix_deliveries_finished;
DROP INDEX IF EXISTS dealix_attempts_delivery;
