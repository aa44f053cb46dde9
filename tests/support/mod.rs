//! What the tests share. Each test file uses a part of it.
#![allow(dead_code)]

#[cfg(feature = "native")]
pub mod deliveries;
pub mod proxy;
pub mod receiver;
#[cfg(feature = "native")]
pub mod resolver;
pub mod server;
pub mod servers;
pub mod vectors;
