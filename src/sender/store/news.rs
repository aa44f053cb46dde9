//! What happens in a database, as far as it is worth a worker's waking up.

use tokio::sync::broadcast;

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

/// Hears what was told since it was made.
pub(in crate::sender) struct NewsReader(broadcast::Receiver<News>);

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

    pub(super) fn reader(&self) -> NewsReader {
        NewsReader(self.0.subscribe())
    }

    /// Nobody listens any more.
    pub(super) fn is_idle(&self) -> bool {
        self.0.receiver_count() == 0
    }
}

impl NewsReader {
    /// Waits for news. A database that is gone for good is silent for good.
    pub(in crate::sender) async fn next(&mut self) -> News {
        match self.0.recv().await {
            Ok(news) => news,
            Err(broadcast::error::RecvError::Lagged(_)) => News::Anything,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
