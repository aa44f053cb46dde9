//! Checks of the clocks. Deliveries are signed with the database's time, and receivers refuse those that are 300 s off.

use super::check::{Check, State};
use anyhow::{Context, Result};
use bytes::Bytes;
use dealix_webhooks::sender::ProxyUrl;
use http::{Request, Response, Uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioExecutor;
use std::time::{Duration, Instant, SystemTime};
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::aws_lc_rs;

const TIMEOUT: Duration = Duration::from_secs(10);
/// `Date` has whole seconds.
const TOLERATED_MS: u64 = 2_000;
const FAILED_MS: u64 = 60_000;

pub fn against_database(ahead_ms: i64) -> Check {
    let seen = format!("the database's clock is {} this machine's", distance(ahead_ms));
    judged("clock", ahead_ms, seen, "synchronise both with NTP")
}

/// Compares with the `Date` of a response, through the worker's proxy if it has one. `database_ahead_ms` is how far the database is
/// ahead of this machine.
pub async fn against_response(
    url: Option<String>,
    proxy: Result<Option<ProxyUrl>>,
    database_ahead_ms: Option<i64>,
) -> Check {
    let Some(url) = url else {
        return Check::not_ok(
            "time",
            State::Skipped,
            "the clocks were not compared with another machine's",
            "--clock-from https://… takes the time from a response",
        );
    };
    match ahead_of_response(&url, proxy).await {
        Err(error) => Check::not_ok("time", State::Failed, format!("--clock-from: {error:#}"), "try another URL"),
        Ok(here_ms) => {
            let ahead_ms = here_ms + database_ahead_ms.unwrap_or(0);
            let whose = if database_ahead_ms.is_some() { "the database's clock" } else { "this machine's clock" };
            let seen = format!("{whose} is {} the one of --clock-from", distance(ahead_ms));
            judged("time", ahead_ms, seen, "synchronise it with NTP: receivers refuse what is signed 300 s off")
        }
    }
}

fn judged(check: &'static str, ahead_ms: i64, seen: String, advice: &str) -> Check {
    if ahead_ms.unsigned_abs() <= TOLERATED_MS {
        return Check::ok(check, seen);
    }
    let state = if ahead_ms.unsigned_abs() > FAILED_MS { State::Failed } else { State::Warning };
    Check::not_ok(check, state, seen, advice)
}

fn distance(ahead_ms: i64) -> String {
    let way = if ahead_ms < 0 { "behind" } else { "ahead of" };
    format!("{:.1} s {way}", ahead_ms.unsigned_abs() as f64 / 1000.0)
}

/// How far this machine's clock is ahead of the server's, in milliseconds.
async fn ahead_of_response(url: &str, proxy: Result<Option<ProxyUrl>>) -> Result<i64> {
    let request = Request::head(url).body(Empty::<Bytes>::new())?;
    let proxy = proxy?;
    let (began_at, began) = (SystemTime::now(), Instant::now());
    let response = timeout(TIMEOUT, respond(request, proxy)).await.context("no response in 10 s")??;
    let here = began_at + began.elapsed() / 2;
    let date = response.headers().get("date").context("the response has no Date")?;
    let date = date.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok());
    // On average, half a second was cut off.
    let there = date.context("the response's Date cannot be read")? + Duration::from_millis(500);
    Ok(match here.duration_since(there) {
        Ok(ahead) => i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX),
        Err(behind) => -i64::try_from(behind.duration().as_millis()).unwrap_or(i64::MAX),
    })
}

async fn respond(mut request: Request<Empty<Bytes>>, proxy: Option<ProxyUrl>) -> Result<Response<Incoming>> {
    let tls = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(aws_lc_rs::default_provider())?;
    let tls = tls.https_or_http().enable_http1();
    let client = Client::builder(TokioExecutor::new());
    let Some(proxy) = proxy else { return Ok(client.build(tls.build()).request(request).await?) };
    let mut tunnel = Tunnel::new(proxy.uri().clone(), HttpConnector::new());
    if let Some(authorization) = proxy.authorization() {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    *request.uri_mut() = with_port(request.uri())?;
    let response = client.build(tls.wrap_connector(tunnel)).request(request).await;
    response.with_context(|| format!("through the proxy {}", proxy.uri()))
}

/// The tunnel knows no default but TLS's.
fn with_port(url: &Uri) -> Result<Uri> {
    let mut parts = url.clone().into_parts();
    if let (Some(host), None, Some("http")) = (url.host(), url.port(), url.scheme_str()) {
        parts.authority = Some(format!("{host}:80").parse()?);
    }
    Ok(Uri::from_parts(parts)?)
}
