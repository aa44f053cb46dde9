//! Shows an attempt that was just made.

use crate::arguments::advice;
use crate::deliveries::{phases, said};
use crate::output::{print_json, print_line, printable};
use anyhow::Result;
use dealix_webhooks::sender::{DeliveryError, WebhookDelivery};
use serde_json::json;
use std::process::ExitCode;

/// Prints the attempt; the exit code says whether there was a 2xx response.
pub fn show(delivery: &WebhookDelivery, json: bool) -> Result<ExitCode> {
    match json {
        true => print_json(&as_json(delivery))?,
        false => print(delivery),
    }
    Ok(if delivery.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(delivery: &WebhookDelivery) {
    let (id, event_type) = (printable(&delivery.event_id), printable(delivery.event_type.as_str()));
    print_line(format_args!("{id} {event_type}: {}", outcome(delivery)));
    let phases = phases(delivery.phases);
    if !phases.is_empty() {
        print_line(format_args!("of that: {phases}"));
    }
    if let Some(excerpt) = &delivery.excerpt {
        print_line(said(excerpt));
    }
}

fn as_json(delivery: &WebhookDelivery) -> serde_json::Value {
    json!({
        "event_id": delivery.event_id,
        "event_type": delivery.event_type.as_str(),
        "customer_id": delivery.customer_id,
        "endpoint_url": delivery.endpoint_url,
        "success": delivery.success,
        "status_code": delivery.status_code,
        "error": delivery.error.as_ref().map(ToString::to_string),
        "duration_ms": delivery.duration_ms,
        "dns_ms": delivery.phases.dns_ms,
        "connect_ms": delivery.phases.connect_ms,
        "tls_ms": delivery.phases.tls_ms,
        "first_byte_ms": delivery.phases.first_byte_ms,
        "excerpt": delivery.excerpt,
        "timestamp": delivery.timestamp,
    })
}

fn outcome(delivery: &WebhookDelivery) -> String {
    let verdict = if delivery.success { "delivered" } else { "not delivered" };
    let status = delivery.status_code.map_or_else(|| "no response".to_owned(), |status| format!("answered {status}"));
    let error = delivery.error.as_ref().map(|error| format!(": {}", printable(&error.to_string()))).unwrap_or_default();
    let advice = match delivery.error {
        Some(DeliveryError::Endpoint(refused)) => advice(refused),
        _ => "",
    };
    format!("{verdict}, {status} in {} ms{error}{advice}", delivery.duration_ms)
}
