//! Reads the reference's results: `tests/vectors/*.json`, or the folder that `DEALIX_VECTORS` names.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

#[derive(Deserialize)]
struct VectorFile<V> {
    vectors: Vec<V>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    Must,
    Reject,
    Decide,
}

pub fn read<V: for<'d> Deserialize<'d>>(file: &str) -> Vec<V> {
    let folder = std::env::var_os("DEALIX_VECTORS").map_or_else(own_folder, PathBuf::from);
    read_from(folder, file)
}

/// Reads the repository's own vectors whatever `DEALIX_VECTORS` says, for decisions that name vectors by id.
pub fn read_own<V: for<'d> Deserialize<'d>>(file: &str) -> Vec<V> {
    read_from(own_folder(), file)
}

fn own_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn read_from<V: for<'d> Deserialize<'d>>(folder: PathBuf, file: &str) -> Vec<V> {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: VectorFile<V> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!file.vectors.is_empty(), "{} holds no vectors", path.display());
    file.vectors
}

pub fn from_base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64 in a vector")
}

/// A vector's integer, taken from `<field>_text` if JSON readers would round it.
pub fn integer(value: &Value, text: &Option<String>) -> i64 {
    match text {
        Some(text) => text.parse().expect("an i64 in a vector's text"),
        None => value.as_i64().expect("an i64 in a vector"),
    }
}

/// A subscription as the vectors record it.
#[cfg(feature = "native")]
#[derive(Deserialize)]
pub struct Subscription {
    customer_id: String,
    endpoint_url: String,
    secret: String,
    events: Vec<String>,
    enabled: bool,
    created_at: i64,
}

#[cfg(feature = "native")]
impl From<&Subscription> for dealix_webhooks::sender::WebhookSubscription {
    fn from(record: &Subscription) -> Self {
        Self {
            events: record.events.iter().map(|event| event.as_str().into()).collect(),
            enabled: record.enabled,
            ..Self::new(&record.customer_id, &record.endpoint_url, &record.secret, record.created_at)
        }
    }
}
