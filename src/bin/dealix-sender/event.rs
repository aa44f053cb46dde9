//! An event from the command line.

use crate::arguments::EventArguments;
use anyhow::{Context, Result, bail};
use dealix_webhooks::{WebhookEvent, sender};
use serde_json::value::RawValue;
use std::io::Read;

impl EventArguments {
    pub fn data_is_standard_input(&self) -> bool {
        self.data == "-"
    }

    pub fn into_event(self) -> Result<WebhookEvent> {
        let data = match self.data.strip_prefix('@') {
            Some(file) => std::fs::read_to_string(file).with_context(|| format!("--data: {file}"))?,
            None if self.data_is_standard_input() => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).context("--data: standard input")?;
                text
            }
            None => self.data,
        };
        let data = RawValue::from_string(data).context("--data is not JSON")?;
        if !is_object(&data) {
            bail!("--data is not a JSON object, such as {{\"amount\": 12.5}}");
        }
        Ok(sender::make_event(self.event_type, self.customer, data))
    }
}

pub fn is_object(json: &RawValue) -> bool {
    json.get().starts_with('{')
}
