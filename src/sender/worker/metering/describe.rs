use metrics::{describe_counter, describe_gauge, describe_histogram};

/// The texts that Prometheus calls HELP.
pub(super) fn describe() {
    describe_counter!("dealix_attempts_total", "Attempts that ended, by outcome");
    describe_histogram!("dealix_attempt_seconds", "How long the attempts took that were sent");
    describe_histogram!("dealix_receipt_seconds", "From queuing an event to its delivery by the first attempt");
    describe_counter!("dealix_deliveries_finished_total", "Deliveries that were delivered or became dead letters");
    describe_gauge!("dealix_queue_pending", "Deliveries that are waiting for an attempt");
    describe_gauge!("dealix_queue_due", "Pending deliveries whose attempt is due");
    describe_gauge!("dealix_queue_dead_letters", "Dead letters that are kept");
    describe_gauge!("dealix_queue_refused", "Events in the outbox that can never be sent");
    describe_gauge!("dealix_queue_oldest_pending_seconds", "How long ago the oldest pending delivery was queued");
    describe_gauge!("dealix_queue_oldest_due_seconds", "For how long the delivery that waits longest has been due");
    describe_gauge!("dealix_endpoints", "Endpoints that this worker knows of, by their state");
    describe_gauge!("dealix_attempts_in_flight", "Attempts that this worker has started and not yet recorded");
    describe_counter!("dealix_database_errors_total", "Calls of this worker to the database that failed");
    describe_counter!("dealix_attempts_parked_total", "Attempts that the sender itself could not make");
    describe_counter!("dealix_leases_lost_total", "Attempts that another worker had recorded already");
}
