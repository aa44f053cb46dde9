//! A small HTTP server for monitoring: metrics and health, for GET and HEAD only.

use crate::metrics::{collect, keep_up};
use anyhow::{Context, Result};
use dealix_webhooks::sender::WorkHealth;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// A connection carries one request, and must be done with it in this time.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_CONNECTIONS: usize = 64;
/// The least that hyper accepts.
const MAX_HEAD_BYTES: usize = 8192;
/// How long to wait when no connection can be accepted, for example because there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const TEXT: &str = "text/plain; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

pub struct Monitor {
    listener: TcpListener,
    metrics: PrometheusHandle,
}

impl Monitor {
    /// Must be called before the worker is made.
    pub async fn listen(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("--listen {address}: cannot listen there; choose another address or port"))?;
        Ok(Self { listener, metrics: collect()? })
    }

    pub async fn serve(&self, health: Arc<WorkHealth>) -> Infallible {
        tokio::select! {
            never = keep_up(&self.metrics) => never,
            never = self.accept(health) => never,
        }
    }

    async fn accept(&self, health: Arc<WorkHealth>) -> Infallible {
        let mut connections = VecDeque::new();
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (metrics, health) = (self.metrics.clone(), health.clone());
            let connection = tokio::spawn(async move {
                // If it fails or takes too long, that is the client's affair.
                let _ = timeout(CONNECTION_TIMEOUT, respond(stream, &metrics, &health)).await;
            });
            connections.push_back(connection.abort_handle());
            if connections.len() > MAX_CONNECTIONS {
                // The oldest makes room: silent clients must not keep those waiting that ask whether the worker lives.
                connections.pop_front().inspect(AbortHandle::abort);
            }
        }
    }
}

async fn respond(stream: TcpStream, metrics: &PrometheusHandle, health: &WorkHealth) -> hyper::Result<()> {
    let service = service_fn(async |request| Ok::<_, Infallible>(response(&request, metrics, health)));
    http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

fn response(request: &Request<Incoming>, metrics: &PrometheusHandle, health: &WorkHealth) -> Response<String> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refusal = with(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD are answered\n".to_owned());
        refusal.headers_mut().insert(ALLOW, "GET, HEAD".parse().expect("a header value"));
        return refusal;
    }
    match request.uri().path() {
        "/metrics" => with(StatusCode::OK, PROMETHEUS, metrics.render()),
        "/health/live" => with(StatusCode::OK, JSON, json!({ "status": "live" }).to_string()),
        "/health/ready" => readiness(&health.problems()),
        _ => with(StatusCode::NOT_FOUND, TEXT, "there are /metrics, /health/live and /health/ready\n".to_owned()),
    }
}

fn readiness(problems: &[String]) -> Response<String> {
    match problems {
        [] => with(StatusCode::OK, JSON, json!({ "status": "ready" }).to_string()),
        problems => {
            let body = json!({ "status": "not ready", "problems": problems });
            with(StatusCode::SERVICE_UNAVAILABLE, JSON, body.to_string())
        }
    }
}

fn with(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type.parse().expect("a header value"));
    response
}
