//! Changes in a database that a worker should know about immediately.

use std::future::Future;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sender) enum News {
    /// Deliveries to this subscription are due.
    Due(String),
    /// There are events in the outbox. SQLite only knows that anything may have changed.
    #[cfg(feature = "postgres")]
    Outbox,
    /// Anything may have changed.
    Anything,
}

/// Tells every reader; there need not be any.
#[derive(Clone)]
pub(in crate::sender) struct NewsWriter(broadcast::Sender<News>);

/// Receives what is told from its creation on. A task watches the database for as long as the reader exists.
pub(in crate::sender) struct NewsReader {
    receiver: broadcast::Receiver<News>,
    watching: JoinHandle<()>,
}

/// A reader that lags further behind than this looks at everything.
const REMEMBERED: usize = 1024;

impl NewsWriter {
    pub(super) fn new() -> Self {
        Self(broadcast::channel(REMEMBERED).0)
    }

    pub(super) fn tell(&self, news: News) {
        // An error means that there are no readers.
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
    /// Waits for news; forever, if the database is gone for good.
    pub(in crate::sender) async fn next(&mut self) -> News {
        match self.receiver.recv().await {
            Ok(news) => news,
            Err(broadcast::error::RecvError::Lagged(_)) => News::Anything,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
