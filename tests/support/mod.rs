//! Shared by the test binaries. Each uses only some of it.
#![allow(dead_code)]

pub mod connect_proxy;
#[cfg(feature = "native")]
pub mod deliveries;
pub mod naive;
pub mod proxy;
pub mod python;
pub mod quiet;
pub mod receiver;
#[cfg(feature = "native")]
pub mod resolver;
pub mod server;
pub mod servers;
pub mod tls;
pub mod vectors;
