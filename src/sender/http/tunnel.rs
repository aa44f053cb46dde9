//! A connection to an endpoint through an HTTP proxy.

use super::tcp::Stream;
use crate::sender::error::DeliveryError;
use bytes::Bytes;
use futures_util::future::try_join;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use std::net::SocketAddr;

/// Asks the proxy at the other end of the stream to connect to this address (`CONNECT`, RFC 9110 §9.3.6).
pub(super) async fn open_tunnel(
    stream: Stream,
    address: SocketAddr,
    authorization: Option<&HeaderValue>,
) -> Result<Stream, DeliveryError> {
    let connecting = http1::Builder::new().title_case_headers(true).handshake(stream);
    let (mut sender, connection) = connecting.await.map_err(broken)?;
    let request = connect_request(address, authorization);
    let answer = async move {
        let status = sender.send_request(request).await.map_err(broken)?.status();
        match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(not_let_in()),
            status if status.is_success() => Ok(()),
            status => Err(refusal(status)),
        }
    };
    let ((), parts) = try_join(answer, async { connection.without_shutdown().await.map_err(broken) }).await?;
    Ok(parts.io)
}

fn connect_request(address: SocketAddr, authorization: Option<&HeaderValue>) -> Request<Empty<Bytes>> {
    let address = address.to_string();
    let mut request = Request::connect(&address).header(HOST, &address);
    if let Some(authorization) = authorization {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    request.body(Empty::new()).expect("an address is an authority")
}

fn not_let_in() -> DeliveryError {
    DeliveryError::Local("the proxy wants a user and a password, or other ones: put them into its URL".to_owned())
}

/// The proxy responded with this status.
pub(super) fn refusal(status: StatusCode) -> DeliveryError {
    let status = status.as_u16();
    DeliveryError::Transport(format!("the proxy did not connect to the endpoint: it responded with {status}"))
}

fn broken(_: hyper::Error) -> DeliveryError {
    DeliveryError::Transport(
        "the proxy did not connect to the endpoint: it did not respond as an HTTP proxy".to_owned(),
    )
}
