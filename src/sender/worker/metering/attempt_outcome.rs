use crate::sender::delivery::WebhookDelivery;
use crate::sender::error::DeliveryError;

/// How an attempt ended: the label `outcome`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    Delivered,
    Answered3xx,
    Answered4xx,
    Answered5xx,
    AnsweredOther,
    TimedOut,
    NoResponse,
    Refused,
    Local,
    Unsendable,
}

impl AttemptOutcome {
    /// In the order of the variants.
    pub(super) const NAMES: [&str; 10] = [
        "delivered",
        "answered_3xx",
        "answered_4xx",
        "answered_5xx",
        "answered_other",
        "timed_out",
        "no_response",
        "refused",
        "local",
        "unsendable",
    ];

    pub(super) fn of(delivery: &WebhookDelivery) -> Self {
        match (delivery.status_code, &delivery.error) {
            _ if delivery.success => Self::Delivered,
            (Some(300..=399), _) => Self::Answered3xx,
            (Some(400..=499), _) => Self::Answered4xx,
            (Some(500..=599), _) => Self::Answered5xx,
            (Some(_), _) => Self::AnsweredOther,
            (None, Some(DeliveryError::TimedOut(_))) => Self::TimedOut,
            (None, Some(DeliveryError::Transport(_)) | None) => Self::NoResponse,
            (None, Some(DeliveryError::Endpoint(_))) => Self::Refused,
            (None, Some(DeliveryError::Local(_))) => Self::Local,
            (None, Some(_)) => Self::Unsendable,
        }
    }

    /// Whether it reached the network.
    pub(super) fn is_sent(self) -> bool {
        !matches!(self, Self::Refused | Self::Local | Self::Unsendable)
    }
}
