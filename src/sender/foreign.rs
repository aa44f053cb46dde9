//! The types of other crates that appear in this API, so that yours need not depend on the same versions of those crates.

pub use bytes::Bytes;
pub use ipnet::IpNet;
pub use reqwest::dns::{Addrs, Name, Resolve, Resolving};
pub use serde_json::value::RawValue;
pub use url::Url;
