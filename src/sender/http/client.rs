//! The HTTP client, set up for attempts.

use super::connector::Connector;
use super::response::MAX_RESPONSE_BYTES;
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::time::Duration;

/// Many servers close a connection that has been idle for 5 s. A request that is sent just then would fail.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// The most that a response's head may need over HTTP/1.1, and that is read ahead of its body.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

pub(super) fn client(connector: Connector, timeout: Duration) -> Client<Connector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        // Long enough for a busy endpoint; idle connections to thousands of others would use up the process's sockets.
        .pool_idle_timeout(IDLE_TIMEOUT)
        // Spelled as in the contract, for receivers that compare names exactly although HTTP does not.
        .http1_title_case_headers(true)
        .http1_max_buf_size(MAX_BUFFER_BYTES)
        // The peer may not send more than will be read.
        .http2_initial_stream_window_size(MAX_RESPONSE_BYTES as u32)
        // Detects a dead connection before it fails one attempt after another.
        .http2_keep_alive_interval(timeout / 4)
        .http2_keep_alive_timeout(timeout / 2)
        .build(connector)
}
