use crate::arguments::SendArguments;
use crate::{attempt, secret};
use anyhow::{Result, bail};
use dealix_webhooks::sender::{DeliveryOptions, WebhookSubscription, deliver_once};
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
    attempt::show(&delivery, json)
}
