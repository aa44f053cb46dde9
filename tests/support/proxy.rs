//! A proxy to a server on this machine that can go silent, as if the server's host had lost its network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub struct Proxy {
    port: u16,
    /// Only the connections of the latest generation are passed on.
    generation: Arc<AtomicUsize>,
}

impl Proxy {
    pub async fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let generation = Arc::new(AtomicUsize::new(0));
        let newest = generation.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("a connection");
                let server = TcpStream::connect(("127.0.0.1", to)).await.expect("the server");
                let (own, newest) = (newest.load(SeqCst), newest.clone());
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(pass_on(from_client, to_server, own, newest.clone()));
                tokio::spawn(pass_on(from_server, to_client, own, newest));
            }
        });
        Self { port, generation }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops passing anything on over the current connections, without closing them. New connections work.
    pub fn silence(&self) {
        self.generation.fetch_add(1, SeqCst);
    }
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    own: usize,
    newest: Arc<AtomicUsize>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if newest.load(SeqCst) != own {
            // Both connections stay open.
            std::future::pending::<()>().await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}
