//! Values in the form in which the databases take them.

use serde::Serialize;

/// An integer; if it is larger than the databases' largest, that one instead.
pub fn integer(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

pub fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("text and numbers have a JSON form")
}
