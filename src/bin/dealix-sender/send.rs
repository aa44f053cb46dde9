use crate::arguments::{SendArguments, advice};
use crate::output::{print_json, print_line, printable};
use crate::secret;
use anyhow::{Result, bail};
use dealix_webhooks::sender::{DeliveryError, DeliveryOptions, WebhookDelivery, WebhookSubscription, deliver_once};
use serde_json::json;
use std::process::ExitCode;

/// Makes one attempt; the exit code says whether there was a 2xx response.
pub async fn send(arguments: SendArguments, json: bool) -> Result<ExitCode> {
    if arguments.event.data_is_standard_input() && !secret::is_in_environment() {
        bail!("standard input cannot be both the data and the secret: set DEALIX_WEBHOOK_SECRET, or use --data @FILE");
    }
    let secret = secret::read()?;
    let event = arguments.event.into_event()?;
    let transport = arguments.transport.transport()?;
    let subscription = WebhookSubscription::new(event.customer_id.as_str(), arguments.to, secret, event.timestamp);
    let delivery = deliver_once(&subscription, &event, &transport, &DeliveryOptions::default()).await;
    if json {
        print_json(&as_json(&delivery))?;
    } else {
        print_line(format_args!(
            "{} {}: {}",
            printable(&delivery.event_id),
            printable(delivery.event_type.as_str()),
            outcome(&delivery)
        ));
    }
    Ok(if delivery.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
