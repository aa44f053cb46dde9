/// How the time of an attempt was spent, in whole milliseconds. A phase is `None` if the attempt did without it or did not
/// complete it; an attempt over a connection that is already open has the last one alone.
///
/// ```
/// use dealix_webhooks::sender::AttemptPhases;
///
/// let phases = AttemptPhases { dns_ms: Some(2), connect_ms: Some(20), tls_ms: Some(41), first_byte_ms: None };
/// println!("{phases:?}"); // The endpoint accepted the connection, and then did not respond.
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "queue", derive(serde::Serialize))]
pub struct AttemptPhases {
    /// Looking up the endpoint's name.
    pub dns_ms: Option<u64>,
    /// Opening a TCP connection to the endpoint, through the proxy if there is one.
    pub connect_ms: Option<u64>,
    /// The TLS handshake.
    pub tls_ms: Option<u64>,
    /// From then on until the head of the response had arrived; over a connection that was already open, from the start.
    pub first_byte_ms: Option<u64>,
}
