use thiserror::Error;

/// A text is not the name of a [`DeliveryState`](super::DeliveryState).
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a delivery's state must be pending, delivered or dead_letter")]
pub struct UnknownStateError;
