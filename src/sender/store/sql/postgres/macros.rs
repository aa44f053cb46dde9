//! What this database spells differently.

/// The database's time in milliseconds when the statement began; it is constant, so an index can be used.
macro_rules! now_ms {
    () => {
        "floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
    };
}
/// The rows in a parameter's JSON text.
macro_rules! rows {
    ($parameter:literal, $first:ident $type:ident $(, $column:ident $other:ident)*) => {
        concat!("json_to_recordset(", $parameter, "::json) AS r(", stringify!($first), " ", stringify!($type),
            $(", ", stringify!($column), " ", stringify!($other),)* ")")
    };
}
/// A parameter's JSON array of strings, for `IN`.
macro_rules! texts {
    ($parameter:literal) => {
        concat!("SELECT value FROM json_array_elements_text(", $parameter, "::json)")
    };
}
/// An attempt's part of a parameter with bytes; NULL if it has none.
macro_rules! excerpt_in {
    ($excerpts:literal) => {
        concat!("convert_from(substr(", $excerpts, "::bytea, r.excerpt_from::int, r.excerpt_bytes::int), 'UTF8')")
    };
}
macro_rules! new_delivery_id {
    () => {
        concat!(
            "'dlv_' || lpad(to_hex(",
            now_ms!(),
            "), 12, '0') || left(replace(gen_random_uuid()::text, '-', ''), 12)"
        )
    };
}
/// Whether the subscription `s` wants events of the type that `e` has.
macro_rules! wants {
    () => {
        "(s.events = '[]' OR EXISTS (SELECT 1 FROM json_array_elements_text(s.events::json) AS wanted(type) \
         WHERE wanted.type = e.event_type))"
    };
}
/// The pending deliveries, by subscription.
macro_rules! pending_by_subscription {
    () => {
        "dealix_deliveries WHERE state = 'pending'"
    };
}
/// The dead letters, by the time at which they became that.
macro_rules! dead_letters_by_time {
    () => {
        "dealix_deliveries WHERE state = 'dead_letter'"
    };
}
/// Whether a delivery, found by its id, is pending. The concatenation keeps PostgreSQL from scanning the index of pending
/// ones, which it would do if there were few of them when the statement was planned.
macro_rules! is_pending {
    () => {
        "dealix_deliveries.state || '' = 'pending'"
    };
}
/// Skips the rows that another worker holds.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// Nobody may change the row before this transaction ends.
macro_rules! for_share {
    () => {
        " FOR SHARE"
    };
}

/// Nobody else may change the row before this transaction ends, which changes it.
macro_rules! for_update {
    () => {
        " FOR UPDATE"
    };
}
