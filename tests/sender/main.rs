//! The sender without its queue: matching, signing, HTTP with the address guard, and retries.

#[path = "../support/mod.rs"]
mod support;

mod axum_example;
mod delivery;
mod dispatch;
mod endpoints;
mod http_excerpt;
mod http_names;
mod http_phases;
mod http_proxy;
mod http_tls;
mod http_transport;
mod http_upload;
mod matching;
mod retry;
mod secret_rotation;
