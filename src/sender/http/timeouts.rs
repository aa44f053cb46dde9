//! How the timeout of an attempt is shared out.

use std::time::Duration;

/// Nobody waits longer, and a multiple of it is still a time.
pub(super) const MAX_TIMEOUT: Duration = Duration::from_hours(1);

/// The part of [`HttpOptions::timeout`](super::HttpOptions::timeout) that is for connecting.
pub(super) fn connect_timeout(timeout: Duration) -> Duration {
    timeout / 2
}

/// The part of the time for connecting that is for the DNS look-up. It ends first, so that a name server that does not
/// respond can be told from an address that does not respond.
pub(super) fn look_up_timeout(timeout: Duration) -> Duration {
    connect_timeout(timeout) * 4 / 5
}

/// The part of the time for connecting that is for reaching the proxy. It ends first too, for the same reason.
pub(super) fn proxy_timeout(timeout: Duration) -> Duration {
    connect_timeout(timeout) / 2
}
