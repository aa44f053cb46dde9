//! A server on loopback that does with each connection what the test decides, well-behaved or not.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// Dropping it closes its connections.
    _tasks: JoinSet<()>,
}

impl Server {
    /// Serves each connection in its own task.
    pub async fn start<F, Serving>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> Serving + Send + 'static,
        Serving: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut served = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                served.spawn(serve(stream));
            }
        });
        Self { address, connections, _tasks: tasks }
    }

    /// Reads one request, sends these bytes, and closes the connection.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |mut stream| {
            let answer = answer.clone();
            async move {
                read_request(&mut stream).await;
                // The client may hang up before it has read everything.
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

/// The path of every URL. No error may show it.
pub const PATH: &str = "/path-of-the-url?query=of-the-url";

/// Reads one request with its body, or what arrived before the client closed the connection.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut request = Vec::new();
    while !is_complete(&request) {
        let Ok(byte) = stream.read_u8().await else { break };
        request.push(byte);
    }
    String::from_utf8(request).expect("ASCII")
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| length.parse() == Ok(body.len()))
}
