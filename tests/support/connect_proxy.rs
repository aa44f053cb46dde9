//! An HTTP proxy that connects to what it is asked to (`CONNECT`).

use crate::support::server::{Server, read_request};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

/// How long it takes to respond.
pub const DELAY: Duration = Duration::from_millis(30);

pub struct ConnectProxy {
    pub server: Server,
    requests: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    pub async fn start() -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let server = Server::start(move |stream| pass_on(stream, seen.clone())).await;
        Self { server, requests }
    }

    /// What it was asked, word by word.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic while it is locked").clone()
    }
}

async fn pass_on(mut client: TcpStream, seen: Arc<Mutex<Vec<String>>>) {
    let request = read_request(&mut client).await;
    let address = request.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().expect("no panic while it is locked").push(request);
    tokio::time::sleep(DELAY).await;
    let Ok(mut server) = TcpStream::connect(address).await else {
        let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno\n").await;
        return;
    };
    let _ = client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
    let _ = copy_bidirectional(&mut client, &mut server).await;
}
