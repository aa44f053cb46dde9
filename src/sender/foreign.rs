//! The types of other crates that appear in this API, so that your program need not depend on the
//! same versions of those crates: of `bytes`, `http`, `ipnet`, `serde_json` and `url`.

pub use bytes::Bytes;
pub use http::{HeaderValue, Uri};
pub use ipnet::IpNet;
pub use serde_json::value::RawValue;
pub use url::Url;
