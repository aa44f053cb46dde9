/// The system's clock, in whole seconds since 1970. On `wasm32-unknown-unknown`, where the standard library's clock panics, it is
/// JavaScript's `Date`.
///
/// ```
/// assert!(dealix_webhooks::unix_now() > 1_700_000_000);
/// ```
pub fn unix_now() -> i64 {
    seconds()
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn seconds() -> i64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since_1970.as_secs().try_into().unwrap_or(i64::MAX)
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn seconds() -> i64 {
    (js_sys::Date::now() / 1000.0).floor() as i64
}
