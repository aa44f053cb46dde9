//! Watches whether the HTTP client still holds an attempt's body. It keeps what an endpoint does not take, even when the attempt is
//! over, and with it a socket: an endpoint that does not read could fill the memory.

use super::connection::ConnectionEnd;
use bytes::Bytes;
use http::{Extensions, Request};
use http_body_util::Full;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time;

/// How long the client may take to let go of the body of an attempt that is over.
const GRACE: Duration = Duration::from_secs(1);

pub(super) struct Upload {
    held: oneshot::Receiver<Infallible>,
    connection: CaptureConnection,
}

/// Dropped with the last part of the body.
struct HeldBody {
    bytes: Bytes,
    _held: oneshot::Sender<Infallible>,
}

impl AsRef<[u8]> for HeldBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Upload {
    /// Gives the request its body.
    pub fn new(mut request: Request<()>, bytes: Bytes) -> (Self, Request<Full<Bytes>>) {
        let (holder, held) = oneshot::channel();
        let connection = capture_connection(&mut request);
        let body = Bytes::from_owner(HeldBody { bytes, _held: holder });
        (Self { held, connection }, request.map(|()| body.into()))
    }

    /// Waits until the body has been sent, or was given up.
    pub async fn ended(&mut self) {
        let _ = (&mut self.held).await;
    }

    /// The attempt is over: if the client does not let go of the body, its connection is cut off. Over HTTP/2, that ends the
    /// endpoint's other attempts too.
    pub fn end(mut self) {
        if self.held.try_recv() == Err(oneshot::error::TryRecvError::Closed) {
            return;
        }
        tokio::spawn(async move {
            if time::timeout(GRACE, self.ended()).await.is_err() {
                self.cut_off();
            }
        });
    }

    fn cut_off(&self) {
        let mut extras = Extensions::new();
        if let Some(connected) = self.connection.connection_metadata().as_ref() {
            connected.get_extras(&mut extras);
        }
        if let Some(end) = extras.get::<ConnectionEnd>() {
            end.cut();
        }
    }
}
