use crate::sender::phases::AttemptPhases;
use serde::Serialize;
use std::collections::BTreeMap;

/// An attempt that was made, and what its delivery's state is now.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct Outcome {
    pub attempt_id: String,
    pub delivery_id: String,
    pub attempt: u32,
    pub timestamp: i64,
    pub status_code: Option<u16>,
    /// 0 or 1: neither database converts a JSON boolean to a number.
    pub success: u8,
    pub error: Option<String>,
    pub duration_ms: u64,
    /// From when it was due to its start.
    pub queue_ms: u64,
    #[serde(flatten)]
    pub phases: AttemptPhases,
    pub content_type: Option<String>,
    pub excerpt: Option<String>,
    /// The name of a [`DeliveryState`](crate::sender::DeliveryState).
    pub state: &'static str,
    /// How long to wait for the next attempt, if there is one, in milliseconds from now.
    pub delay_ms: Option<u64>,
    #[serde(skip)]
    pub health: Health,
}

/// What an attempt says about its subscription's endpoint. Within a group, later news overrides earlier news.
#[derive(Clone, Default, Serialize)]
pub(in crate::sender) struct Health {
    pub subscription_id: String,
    /// Where the attempt went. If the subscription has another endpoint by now, this is no news about that one.
    pub endpoint_url: String,
    /// 1 if there was a 2xx response.
    pub works: u8,
    /// Since when it has been failing, unless an earlier time is known; in seconds since 1970.
    pub fails_since: Option<i64>,
    /// For how long it asked to be left alone, in milliseconds.
    pub hold_ms: u64,
    /// Why to disable the subscription.
    pub disable: Option<&'static str>,
    /// Disable it only if it has been failing since exactly this time, so not if it has worked in the meantime.
    pub if_failing_since: Option<i64>,
}

impl Health {
    pub(in crate::sender) fn of(subscription_id: &str, endpoint_url: &str) -> Self {
        let (subscription_id, endpoint_url) = (subscription_id.to_owned(), endpoint_url.to_owned());
        Self { subscription_id, endpoint_url, ..Self::default() }
    }
}

/// The group's news about each endpoint, always sorted: transactions that locked the rows in different orders could deadlock.
pub(in crate::sender) fn health_of_each<'c>(outcomes: impl IntoIterator<Item = &'c Outcome>) -> Vec<Health> {
    let mut latest = BTreeMap::<(&str, &str), Health>::new();
    for Outcome { health, .. } in outcomes {
        let endpoint = (health.subscription_id.as_str(), health.endpoint_url.as_str());
        let merged = latest.entry(endpoint).or_insert_with(|| health.clone());
        merged.works = health.works;
        merged.fails_since = health.fails_since;
        merged.hold_ms = merged.hold_ms.max(health.hold_ms);
        if health.disable.is_some() {
            (merged.disable, merged.if_failing_since) = (health.disable, health.if_failing_since);
        }
    }
    latest.into_values().collect()
}
