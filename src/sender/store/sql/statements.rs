//! The statements that every delivery goes through, each for a group of rows in a parameter's JSON text. They are macros
//! because PostgreSQL runs several of them as one, in a single round trip, and SQLite runs them one by one.

/// Inserts new events; existing ones stay unchanged.
macro_rules! insert_events {
    ($parameter:literal) => {
        concat!(
            "INSERT INTO dealix_events (id, event_type, customer_id, created_at, envelope, traceparent) \
             SELECT r.id, r.event_type, r.customer_id, ", now_ms!(), " / 1000, r.envelope, r.traceparent FROM ",
            rows!($parameter, id text, event_type text, customer_id text, envelope text, traceparent text),
            " WHERE true ON CONFLICT (id) DO NOTHING"
        )
    };
}

/// Inserts a delivery of each event of `e` to each subscription that wants it, paused or not; due now, or `$later`. Deliveries
/// that someone else has inserted in the meantime stay unchanged.
macro_rules! insert_deliveries {
    ($from:literal) => {
        insert_deliveries!($from, "", "")
    };
    ($from:literal, $and:literal, $later:literal) => {
        concat!(
            "INSERT INTO dealix_deliveries (id, event_id, event_type, customer_id, subscription_id, endpoint_url, bytes, \
             state, created_at, due_ms) SELECT ", new_delivery_id!(), ", e.id, e.event_type, e.customer_id, s.id, \
             s.endpoint_url, e.bytes, 'pending', ", now_ms!(), " / 1000, ", now_ms!(), $later, " ",
            for_subscriptions!($from, $and),
            " ON CONFLICT (event_id, subscription_id) DO NOTHING RETURNING event_id, subscription_id"
        )
    };
}

/// How many deliveries `insert_deliveries` would insert.
macro_rules! count_deliveries {
    ($from:literal, $and:literal, $later:literal) => {
        concat!("SELECT count(*) ", for_subscriptions!($from, $and))
    };
}

macro_rules! for_subscriptions {
    ($from:literal, $and:literal) => {
        concat!($from, " JOIN dealix_subscriptions s ON s.customer_id = e.customer_id WHERE s.enabled = 1 AND ", wants!(), $and)
    };
}

/// Inserts attempts into the log; their excerpts are in a parameter of their own, end to end. If one exists, it was written
/// before and only the database's response was lost.
macro_rules! insert_attempts {
    ($parameter:literal, $excerpts:literal) => {
        concat!(
            "INSERT INTO dealix_attempts (id, delivery_id, attempt, timestamp, status_code, success, error, duration_ms, queue_ms, \
             dns_ms, connect_ms, tls_ms, first_byte_ms, content_type, excerpt) \
             SELECT r.attempt_id, r.delivery_id, r.attempt, r.timestamp, r.status_code, r.success, r.error, r.duration_ms, \
             r.queue_ms, r.dns_ms, r.connect_ms, r.tls_ms, r.first_byte_ms, r.content_type, ", excerpt_in!($excerpts), " FROM ",
            outcomes!($parameter),
            " WHERE true ON CONFLICT (delivery_id, id) DO NOTHING RETURNING id"
        )
    };
}

/// Updates the deliveries after these attempts, unless another worker recorded an attempt with the same number before. If
/// that one failed and this one succeeded, the event has arrived, and no further attempt follows.
macro_rules! update_deliveries {
    ($parameter:literal) => {
        concat!(
            "UPDATE dealix_deliveries SET state = r.state, attempts = r.attempt, due_ms = ",
            now_ms!(),
            " + r.delay_ms, \
             leased_until_ms = 0, leased_by = NULL, \
             finished_at = CASE r.state WHEN 'pending' THEN NULL ELSE ", now_ms!(), " / 1000 END, \
             status_code = r.status_code, error = r.error FROM ",
            outcomes!($parameter),
            " WHERE dealix_deliveries.id = r.delivery_id AND ",
            is_pending!(),
            " AND (dealix_deliveries.attempts = r.attempt - 1 OR (r.success = 1 AND dealix_deliveries.attempts = r.attempt \
             AND attempts_before_replay < r.attempt AND leased_by IS NULL)) RETURNING dealix_deliveries.id"
        )
    };
}

macro_rules! outcomes {
    ($parameter:literal) => {
        rows!($parameter, attempt_id text, delivery_id text, attempt bigint, timestamp bigint, status_code bigint,
            success bigint, error text, duration_ms bigint, queue_ms bigint, dns_ms bigint, connect_ms bigint, tls_ms bigint,
            first_byte_ms bigint, content_type text, excerpt_from bigint, excerpt_bytes bigint, state text, delay_ms bigint)
    };
}

/// Updates the endpoints' health, if the attempts bring news.
macro_rules! update_health {
    ($parameter:literal) => {
        concat!(
            "UPDATE dealix_subscriptions SET \
             failing_since = CASE WHEN r.works = 1 THEN r.fails_since ELSE coalesce(failing_since, r.fails_since) END, \
             failed_at = coalesce(r.fails_since, failed_at), \
             held_until_ms = CASE WHEN r.hold_ms > 0 AND held_until_ms < ", now_ms!(), " + r.hold_ms \
               THEN ", now_ms!(), " + r.hold_ms ELSE held_until_ms END, \
             disabled_reason = CASE WHEN ", is_to_be_disabled!(), " THEN r.disable ELSE disabled_reason END, \
             enabled = CASE WHEN ", is_to_be_disabled!(), " THEN 0 ELSE enabled END FROM ",
            rows!($parameter, subscription_id text, endpoint_url text, works bigint, fails_since bigint, hold_ms bigint,
                disable text, if_failing_since bigint),
            " WHERE dealix_subscriptions.id = r.subscription_id AND dealix_subscriptions.endpoint_url = r.endpoint_url \
             AND ((r.works = 1 AND failing_since IS NOT NULL) \
               OR (r.fails_since IS NOT NULL AND (failing_since IS NULL OR coalesce(failed_at, 0) <= r.fails_since - 60)) \
               OR r.hold_ms > 0 OR ", is_to_be_disabled!(), ")"
        )
    };
}

macro_rules! is_to_be_disabled {
    () => {
        "(enabled = 1 AND r.disable IS NOT NULL \
         AND (r.if_failing_since IS NULL OR (r.works = 0 AND r.if_failing_since = failing_since)))"
    };
}

/// The deliveries that a worker may lease for an endpoint: those that are due and not leased, and those leased by itself but
/// not in flight, as happens after a response of the database was lost.
macro_rules! is_leasable {
    ($subscription:literal, $worker:literal, $in_flight:literal) => {
        concat!(
            " AND subscription_id = ", $subscription, " AND due_ms <= ", now_ms!(), " AND (leased_until_ms <= ", now_ms!(),
            " OR leased_by = ", $worker, ") AND id NOT IN (", texts!($in_flight), ")"
        )
    };
}

/// How many attempts may start at once at an endpoint with a rate, as in the worker's `Pace`; NULL without one. A worker that
/// does not know the rate yet must not exceed it. A rate that makes no sense is none here: what is leased is then parked, while
/// an impossible limit would make leasing fail for every subscription.
macro_rules! at_once {
    ($subscription:literal) => {
        concat!(
            "CASE WHEN ", $subscription, ".max_per_second > 0 THEN (", $subscription, ".max_per_second - 1) / 10 + 1 END"
        )
    };
}

/// The picked deliveries that fit into `bytes_left`: those with more bytes left first, then in the order in which they are due.
/// Short ones always fit, and so does the very first if the parameter is 1.
macro_rules! fitting {
    ($picked:expr, $is_first:literal) => {
        concat!(
            "SELECT id FROM (SELECT id, bytes, bytes_left, row_number() OVER w AS number, \
             sum(CASE WHEN bytes > ", short_bytes!(), " THEN bytes ELSE 0 END) OVER w AS total FROM ", $picked,
            " AS picked WINDOW w AS (ORDER BY bytes_left DESC, due_ms, id)) AS summed \
             WHERE bytes <= ", short_bytes!(), " OR total <= bytes_left OR (number = 1 AND ", $is_first, " = 1)"
        )
    };
}

/// `SHORT_BYTES`.
macro_rules! short_bytes {
    () => { "16384" };
}

/// Everything that an attempt needs; the subscription's columns keep their names.
macro_rules! select_leased {
    ($from:literal) => {
        concat!(
            "SELECT l.id AS delivery_id, l.event_id, l.event_type, l.bytes, l.attempts, l.attempts_before_replay, l.due_ms, ",
            now_ms!(),
            " AS now_ms, e.envelope, e.traceparent, s.* FROM ",
            $from,
            " AS l JOIN dealix_subscriptions s ON s.id = l.subscription_id \
             LEFT JOIN dealix_events e ON e.id = l.event_id"
        )
    };
}
