//! Group commit: one transaction for the changes of many callers, since a durable commit costs the same for one as for
//! hundreds. Each caller's change is still written wholly or not at all, and is durable when its `write` returns.

use super::change::Change;
use crate::sender::queue::error::QueueError;
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};

/// At most so many changes share a transaction.
const GROUP: usize = 256;
/// And no more of it than this is sent to the database at once, save for one change that is longer.
const GROUP_BYTES: usize = 4 << 20;

/// What a change came to: [`WaysIn::write`](super::database::WaysIn::write).
pub(super) type Written = Option<u64>;

#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Pending>);

struct Pending {
    change: Change,
    done: oneshot::Sender<Result<Written, QueueError>>,
}

/// Writes changes in one transaction: all of them, or none.
pub(super) trait Commit: Send + 'static {
    fn commit(&mut self, changes: &[&Change]) -> impl Future<Output = Result<Vec<Written>, QueueError>> + Send;
}

impl Writer {
    /// Starts the task that writes; it ends when the last clone of the writer is gone.
    pub(super) fn start(database: impl Commit) -> Self {
        let (sender, receiver) = mpsc::channel(GROUP);
        tokio::spawn(write_groups(database, receiver));
        Self(sender)
    }

    pub(super) async fn write(&self, change: Change) -> Result<Written, QueueError> {
        let (done, written) = oneshot::channel();
        self.0.send(Pending { change, done }).await.map_err(|_| QueueError::Closed)?;
        written.await.map_err(|_| QueueError::Closed)?
    }
}

async fn write_groups(mut database: impl Commit, mut receiver: mpsc::Receiver<Pending>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while receiver.recv_many(&mut waiting, GROUP).await > 0 {
        while !waiting.is_empty() {
            let group = waiting.drain(..fitting(&waiting, |pending| pending.change.bytes())).collect();
            write_group(&mut database, group).await;
        }
    }
}

/// How many of these go together; at least one.
fn fitting<T>(waiting: &[T], bytes_of: impl Fn(&T) -> usize) -> usize {
    let mut bytes = 0;
    let fits = waiting.iter().take(GROUP).take_while(|item| {
        bytes += bytes_of(item);
        bytes <= GROUP_BYTES
    });
    fits.count().max(1)
}

/// In groups that are sent to the database at once.
pub(super) fn groups<T>(mut items: &[T], bytes_of: impl Fn(&T) -> usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let (group, rest) = items.split_at_checked(fitting(items, &bytes_of))?;
        items = rest;
        Some(group)
    })
}

async fn write_group(database: &mut impl Commit, group: Vec<Pending>) {
    let changes: Vec<_> = group.iter().map(|pending| &pending.change).collect();
    match commit(database, &changes).await {
        Ok(written) => group.into_iter().zip(written).for_each(|(pending, written)| pending.answer(Ok(written))),
        Err(error) if group.len() == 1 || matches!(error, QueueError::Unreachable(_)) => {
            group.into_iter().for_each(|pending| pending.answer(Err(error.clone())));
        }
        // Whoever's change it is that cannot be written: the others' can.
        Err(_) => {
            // Once it is gone, nobody after that waits for it too.
            let mut gone: Option<QueueError> = None;
            for pending in group {
                let written = match gone.clone() {
                    Some(error) => Err(error),
                    None => commit(database, &[&pending.change]).await,
                };
                gone = written.as_ref().err().filter(|error| matches!(error, QueueError::Unreachable(_))).cloned();
                pending.answer(written.map(|written| written.into_iter().flatten().next()));
            }
        }
    }
}

/// A panic in there must not end the writing for good.
async fn commit(database: &mut impl Commit, changes: &[&Change]) -> Result<Vec<Written>, QueueError> {
    let committing = AssertUnwindSafe(database.commit(changes)).catch_unwind().await;
    committing.unwrap_or_else(|_| Err(QueueError::database("the transaction ended in a panic")))
}

impl Pending {
    fn answer(self, result: Result<Written, QueueError>) {
        // A caller that no longer waits has nothing to be told.
        let _ = self.done.send(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::store::change::Deferral;
    use futures_util::future::join_all;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    /// Fails as the ids of the deliveries that it is given say.
    struct Database {
        commits: Arc<AtomicUsize>,
    }

    impl Commit for Database {
        async fn commit(&mut self, changes: &[&Change]) -> Result<Vec<Written>, QueueError> {
            self.commits.fetch_add(1, Relaxed);
            // Until all have asked, so that they share a transaction.
            tokio::task::yield_now().await;
            for change in changes {
                let Change::Defer(deferral) = change else { continue };
                match deferral.delivery_id.as_str() {
                    "refused" => return Err(QueueError::database("refused")),
                    "unreachable" => return Err(QueueError::Unreachable("gone".to_owned())),
                    "panic" => panic!("as told"),
                    _ => {}
                }
            }
            Ok(vec![Some(1); changes.len()])
        }
    }

    /// The answers to these changes, written at once, and how many transactions it took.
    async fn write(ids: &[&str]) -> (Vec<Result<Written, QueueError>>, usize) {
        let commits = Arc::default();
        let writer = Writer::start(Database { commits: Arc::clone(&commits) });
        let deferral =
            |id: &str| Deferral { delivery_id: id.to_owned(), worker: String::new(), delay_ms: 0, error: None };
        let changes = ids.iter().map(|id| Change::Defer(deferral(id)));
        let answers = join_all(changes.map(|change| writer.write(change))).await;
        (answers, commits.load(Relaxed))
    }

    #[tokio::test]
    async fn changes_that_come_together_share_a_transaction() {
        let (answers, commits) = write(&["a"; 100]).await;
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Some(1)))));
        assert!(commits <= 2, "{commits} transactions");
    }

    #[tokio::test]
    async fn a_change_that_is_refused_takes_no_other_with_it() {
        for bad in ["refused", "panic"] {
            let (answers, _) = write(&["a", bad, "b"]).await;
            assert!(matches!(answers[..], [Ok(Some(1)), Err(QueueError::Database(_)), Ok(Some(1))]), "{answers:?}");
        }
    }

    #[tokio::test]
    async fn a_database_that_is_gone_is_asked_once_for_all() {
        let (answers, commits) = write(&["unreachable"; 100]).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(QueueError::Unreachable(_)))));
        assert!(commits <= 2, "{commits} transactions");
    }
}
