//! Subscriptions whose records cannot be read.

use crate::output::{printable, report};
use dealix_webhooks::sender::DamagedSubscription;
use std::process::ExitCode;

/// Names them and what is wrong with each.
pub fn report_damaged(damaged: &[DamagedSubscription]) -> ExitCode {
    for DamagedSubscription { id, reason, .. } in damaged {
        report(printable(&format!(
            "warning: {id} cannot be read: {reason}; its deliveries wait until its record is restored or it is removed"
        )));
    }
    if damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
