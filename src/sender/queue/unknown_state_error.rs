use thiserror::Error;

/// A text is not the name of a [`DeliveryState`](super::DeliveryState).
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a delivery is pending, delivered or dead_letter")]
pub struct UnknownStateError;
