//! What the HTTP client's errors mean.

use super::causes::{innermost, sources};
use super::look_up_error::LookUpError;
use super::timeouts::connect_timeout;
use crate::sender::error::{DeliveryError, EndpointError};
use hyper_util::client::legacy;
use std::error::Error;
use std::io;
use std::time::Duration;
use tokio::time::error::Elapsed;

/// `timeout` is that of the whole attempt.
pub(super) fn describe(error: &(dyn Error + 'static), timeout: Duration) -> DeliveryError {
    classify(error, timeout).shortened()
}

/// The whole attempt has taken too long.
pub(super) fn late(timeout: Duration) -> DeliveryError {
    DeliveryError::TimedOut(format!("timed out after {} s", timeout.as_secs_f32()))
}

fn classify(error: &(dyn Error + 'static), timeout: Duration) -> DeliveryError {
    if let Some(refused) = sources(error).find_map(|source| source.downcast_ref::<EndpointError>()) {
        return (*refused).into();
    }
    if let Some(exhausted) =
        sources(error).filter_map(|source| source.downcast_ref()).find(|error| is_exhaustion(error))
    {
        return DeliveryError::Local(exhausted.to_string());
    }
    if let Some(of_the_proxy) = sources(error).find_map(|source| source.downcast_ref::<DeliveryError>()) {
        return of_the_proxy.clone();
    }
    match sources(error).find_map(|source| source.downcast_ref()) {
        Some(outage @ LookUpError::Outage(_)) => return DeliveryError::Local(outage.to_string()),
        Some(late @ LookUpError::TimedOut(_)) => return DeliveryError::TimedOut(late.to_string()),
        Some(LookUpError::Failed(_)) | None => {}
    }
    if sources(error).filter_map(|source| source.downcast_ref()).any(is_end) {
        return DeliveryError::Transport("the connection was closed before the whole response had arrived".to_owned());
    }
    if !sources(error).any(is_timeout) {
        return DeliveryError::Transport(innermost(error));
    }
    if sources(error).filter_map(|source| source.downcast_ref()).any(legacy::Error::is_connect) {
        let after = connect_timeout(timeout).as_secs_f32();
        return DeliveryError::TimedOut(format!("connecting timed out after {after} s"));
    }
    late(timeout)
}

/// The peer has closed the connection. rustls says so with advice for programmers.
fn is_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    error.is::<Elapsed>()
        || error.downcast_ref().is_some_and(hyper::Error::is_timeout)
        || error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::TimedOut)
}

/// This machine or this process has no file descriptors left (`ENFILE`, `EMFILE`).
fn is_exhaustion(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}
