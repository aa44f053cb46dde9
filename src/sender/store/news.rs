//! What happens in a database, as far as it is worth a worker's waking up.

use std::future::Future;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// What there is to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sender) enum News {
    /// Deliveries to this subscription are due.
    Due(String),
    /// Events are in the outbox.
    Outbox,
    /// Anything may have changed.
    Anything,
}

/// Tells everybody who listens; nobody has to.
#[derive(Clone)]
pub(in crate::sender) struct NewsWriter(broadcast::Sender<News>);

/// Hears what was told since it was made. A task beside it watches the database, for as long as there is the reader.
pub(in crate::sender) struct NewsReader {
    receiver: broadcast::Receiver<News>,
    watching: JoinHandle<()>,
}

/// A reader that has missed more than this looks at everything.
const REMEMBERED: usize = 1024;

impl NewsWriter {
    pub(super) fn new() -> Self {
        Self(broadcast::channel(REMEMBERED).0)
    }

    pub(super) fn tell(&self, news: News) {
        // An error says that nobody listens.
        let _ = self.0.send(news);
    }

    pub(super) fn reader(&self, watching: impl Future<Output = ()> + Send + 'static) -> NewsReader {
        NewsReader { receiver: self.0.subscribe(), watching: tokio::spawn(watching) }
    }
}

impl Drop for NewsReader {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl NewsReader {
    /// Waits for news. A database that is gone for good is silent for good.
    pub(in crate::sender) async fn next(&mut self) -> News {
        match self.receiver.recv().await {
            Ok(news) => news,
            Err(broadcast::error::RecvError::Lagged(_)) => News::Anything,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
