//! An attempt's HTTP request.

use super::causes::sources;
use crate::sender::error::DeliveryError;
use bytes::Bytes;
use http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error, connect::Connect};
use url::Url;

/// How often a request is sent again within an attempt.
const RESENDS: usize = 2;

/// The request without its body.
pub(super) fn http_request(url: &Url, headers: &[(String, String)]) -> Result<Request<()>, DeliveryError> {
    let mut http_request = Request::new(());
    *http_request.method_mut() = Method::POST;
    *http_request.headers_mut() = header_map(headers)?;
    *http_request.uri_mut() =
        url.as_str().parse().map_err(|_| DeliveryError::Transport("the URL is too long".to_owned()))?;
    Ok(http_request)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, DeliveryError> {
    let mut map = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let name_on_wire = HeaderName::from_bytes(name.as_bytes()).map_err(|_| DeliveryError::InvalidHeaderName)?;
        let value = HeaderValue::from_str(value).map_err(|_| DeliveryError::InvalidHeader(name.clone()))?;
        map.append(name_on_wire, value);
    }
    map.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    Ok(map)
}

/// Sends the request, and again if a server that is closing an HTTP/2 connection says that it has not processed it.
pub(super) async fn send<C>(
    client: &Client<C, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, Error>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    for _ in 0..RESENDS {
        match client.request(request.clone()).await {
            Err(error) if is_unprocessed(&error) => {}
            result => return result,
        }
    }
    client.request(request).await
}

/// RFC 9113 §8.7: a graceful `GOAWAY`, or `REFUSED_STREAM`.
fn is_unprocessed(error: &Error) -> bool {
    let Some(error) = sources(error).find_map(|source| source.downcast_ref::<h2::Error>()) else { return false };
    let reason = error.reason();
    error.is_remote()
        && (error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
            || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM))
}
