//! Values as the databases take them.

use serde::Serialize;

/// An integer; one that is beyond the databases' is their largest.
pub fn integer(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

pub fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("text and numbers have a JSON form")
}
