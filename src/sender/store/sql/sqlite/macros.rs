//! What this database spells differently.

/// The database's time in milliseconds.
macro_rules! now_ms {
    () => {
        "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
    };
}
/// The rows in a parameter's JSON text.
macro_rules! rows {
    ($parameter:literal, $first:ident $type:ident $(, $column:ident $other:ident)*) => {
        concat!("(SELECT value ->> '", stringify!($first), "' AS ", stringify!($first),
            $(", value ->> '", stringify!($column), "' AS ", stringify!($column),)* " FROM json_each(", $parameter, ")) AS r")
    };
}
/// A parameter's JSON array of strings, for `IN`.
macro_rules! texts {
    ($parameter:literal) => {
        concat!("SELECT value FROM json_each(", $parameter, ")")
    };
}
/// An attempt's part of a parameter with bytes; NULL if it has none. SQLite has no part, not even an empty one, of no bytes.
macro_rules! excerpt_in {
    ($excerpts:literal) => {
        concat!(
            "CASE WHEN r.excerpt_bytes >= 0 THEN coalesce(CAST(substr(",
            $excerpts,
            ", r.excerpt_from, r.excerpt_bytes) AS TEXT), '') END"
        )
    };
}
macro_rules! new_delivery_id {
    () => {
        concat!("'dlv_' || printf('%012x', ", now_ms!(), ") || lower(hex(randomblob(6)))")
    };
}
/// Whether the subscription `s` wants events of the type that `e` has.
macro_rules! wants {
    () => {
        "(s.events = '[]' OR EXISTS (SELECT 1 FROM json_each(s.events) AS wanted WHERE wanted.value = e.event_type))"
    };
}
/// The pending deliveries, by subscription. Without the hint SQLite, which does not know how many there are, would use the
/// index by state.
macro_rules! pending_by_subscription {
    () => {
        "dealix_deliveries INDEXED BY dealix_deliveries_due WHERE state = 'pending'"
    };
}
/// The dead letters, by the time at which they became that. Without the hint SQLite would read all of them, by the index by state.
macro_rules! dead_letters_by_time {
    () => {
        "dealix_deliveries INDEXED BY dealix_deliveries_dead WHERE state = 'dead_letter'"
    };
}
/// Whether a delivery, found by its id, is pending. The plus keeps SQLite from scanning the index of pending ones.
macro_rules! is_pending {
    () => {
        "+dealix_deliveries.state = 'pending'"
    };
}
/// Nothing: there is one writer at a time, so nobody else holds a row.
macro_rules! skip_locked {
    () => {
        ""
    };
}
/// Nothing: there is one writer at a time.
macro_rules! for_share {
    () => {
        ""
    };
}
/// Nothing: there is one writer at a time.
macro_rules! for_update {
    () => {
        ""
    };
}
