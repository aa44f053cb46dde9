//! What the HTTP client's errors mean.

use super::causes::{innermost, sources};
use super::look_up_error::LookUpError;
use super::timeouts::connect_timeout;
use crate::sender::error::{DeliveryError, EndpointError};
use std::time::Duration;

/// `timeout` is that of the whole attempt.
pub(super) fn describe(error: reqwest::Error, timeout: Duration) -> DeliveryError {
    classify(error, timeout).shortened()
}

fn classify(error: reqwest::Error, timeout: Duration) -> DeliveryError {
    if let Some(refused) = sources(&error).find_map(|source| source.downcast_ref::<EndpointError>()) {
        return (*refused).into();
    }
    if let Some(exhausted) =
        sources(&error).filter_map(|source| source.downcast_ref()).find(|error| is_exhaustion(error))
    {
        return DeliveryError::Local(exhausted.to_string());
    }
    match sources(&error).find_map(|source| source.downcast_ref()) {
        Some(outage @ LookUpError::Outage(_)) => return DeliveryError::Local(outage.to_string()),
        Some(late @ LookUpError::TimedOut(_)) => return DeliveryError::TimedOut(late.to_string()),
        Some(LookUpError::Failed(_)) | None => {}
    }
    if !error.is_timeout() {
        return DeliveryError::Transport(innermost(&error.without_url()));
    }
    DeliveryError::TimedOut(if error.is_connect() {
        format!("connecting timed out after {} s", connect_timeout(timeout).as_secs_f32())
    } else {
        format!("timed out after {} s", timeout.as_secs_f32())
    })
}

/// This machine or this process has no file descriptors left (`ENFILE`, `EMFILE`).
fn is_exhaustion(error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}
