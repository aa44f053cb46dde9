//! A receiver on loopback that verifies deliveries and answers as the test decides.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use dealix_webhooks::{Verifier, WebhookEvent};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const SECRET: &str = "whsec_of_the_tests";

/// A delivery whose signature was valid.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub event_id: String,
    pub attempt: u32,
    pub body: Bytes,
    pub headers: HeaderMap,
    pub secret_index: usize,
    pub at: Instant,
}

type Answer = dyn Fn(&Received) -> u16 + Send + Sync;
type Delay = dyn Fn(&Received) -> Duration + Send + Sync;

struct Shared {
    verifier: Verifier,
    answer: Box<Answer>,
    delay: Box<Delay>,
    received: Mutex<Vec<Received>>,
    refused: Mutex<Vec<String>>,
}

pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Answers each verified delivery with the status that `answer` returns, and any other with 400.
    pub async fn start(answer: impl Fn(&Received) -> u16 + Send + Sync + 'static) -> Self {
        Self::with_secrets([SECRET], answer).await
    }

    pub async fn with_secrets(
        secrets: impl IntoIterator<Item = &str>,
        answer: impl Fn(&Received) -> u16 + Send + Sync + 'static,
    ) -> Self {
        Self::serve(secrets, answer, |_| Duration::ZERO).await
    }

    /// Answers 204 after the time that `delay` returns. A delivery counts as soon as it arrives.
    pub async fn slow(delay: impl Fn(&Received) -> Duration + Send + Sync + 'static) -> Self {
        Self::serve([SECRET], |_| 204, delay).await
    }

    async fn serve(
        secrets: impl IntoIterator<Item = &str>,
        answer: impl Fn(&Received) -> u16 + Send + Sync + 'static,
        delay: impl Fn(&Received) -> Duration + Send + Sync + 'static,
    ) -> Self {
        let verifier = Verifier::new(secrets).expect("secrets");
        let shared = Arc::new(Shared {
            verifier,
            answer: Box::new(answer),
            delay: Box::new(delay),
            received: Mutex::default(),
            refused: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(receive).layer(DefaultBodyLimit::disable()).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("the receiver serves") });
        Self { address, shared, server }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The deliveries with a valid signature, in order of arrival.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().expect("no receiver panicked").clone()
    }

    /// How many have arrived so far. Cheaper than [`Receiver::received`].
    pub fn count(&self) -> usize {
        self.shared.received.lock().expect("no receiver panicked").len()
    }

    /// How often each event has arrived.
    pub fn arrivals(&self) -> BTreeMap<String, usize> {
        let mut arrivals = BTreeMap::new();
        for received in self.received() {
            *arrivals.entry(received.event_id).or_default() += 1;
        }
        arrivals
    }

    /// Why deliveries were refused. Empty in every test that expects only valid ones.
    pub fn refused(&self) -> Vec<String> {
        self.shared.refused.lock().expect("no receiver panicked").clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    match verify(&shared, uri, headers, body) {
        Ok(received) => {
            let (status, delay) = ((shared.answer)(&received), (shared.delay)(&received));
            shared.received.lock().expect("no receiver panicked").push(received);
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            StatusCode::from_u16(status).expect("a status")
        }
        Err(reason) => {
            shared.refused.lock().expect("no receiver panicked").push(reason);
            StatusCode::BAD_REQUEST
        }
    }
}

fn verify(shared: &Shared, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Received, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    let header = |name: &str| headers.get(name).map(|value| value.as_bytes()).unwrap_or_default();
    let verified = shared.verifier.verify(header("dealix-signature"), &body, now as i64);
    let secret_index = verified.map_err(|error| error.to_string())?.secret_index;
    let event = WebhookEvent::from_envelope(&body).map_err(|error| error.to_string())?;
    let attempt = String::from_utf8_lossy(header("dealix-delivery-attempt")).parse();
    Ok(Received {
        path: uri.path().to_owned(),
        event_id: event.event_id,
        attempt: attempt.map_err(|_| "the attempt number is missing".to_owned())?,
        body,
        headers,
        secret_index,
        at: Instant::now(),
    })
}
