//! Group commit: one transaction for the changes of many callers, because a durable commit costs the same for one change as
//! for hundreds. Each caller's change is still written completely or not at all, and is durable when `write` returns.

use super::change::Change;
use crate::sender::queue::QueueError;
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};

/// How many changes may share a transaction.
const GROUP: usize = 256;
/// How much is sent to the database at once, unless a single change is longer.
const GROUP_BYTES: usize = 4 << 20;

/// What writing a change returns: see [`Writes::write`](super::database::Writes::write).
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
    /// Starts the writing task, which ends when the last clone of the writer is dropped.
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

/// How many of these fit into one group; at least one.
fn fitting<T>(waiting: &[T], bytes_of: impl Fn(&T) -> usize) -> usize {
    let mut bytes = 0;
    let fits = waiting.iter().take(GROUP).take_while(|item| {
        bytes += bytes_of(item);
        bytes <= GROUP_BYTES
    });
    fits.count().max(1)
}

/// Splits the items into groups, each of which is sent to the database at once.
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
        Ok(written) => group.into_iter().zip(written).for_each(|(pending, written)| pending.finish(Ok(written))),
        Err(error) if group.len() == 1 || matches!(error, QueueError::Unreachable(_)) => {
            group.into_iter().for_each(|pending| pending.finish(Err(error.clone())));
        }
        // One of the changes cannot be written, but the others can.
        Err(_) => {
            // Once the database is unreachable, the remaining changes fail without trying.
            let mut unreachable: Option<QueueError> = None;
            for pending in group {
                let written = match unreachable.clone() {
                    Some(error) => Err(error),
                    None => commit(database, &[&pending.change]).await,
                };
                unreachable =
                    written.as_ref().err().filter(|error| matches!(error, QueueError::Unreachable(_))).cloned();
                pending.finish(written.map(|written| written.into_iter().flatten().next()));
            }
        }
    }
}

/// A panic in here must not end the writing task.
async fn commit(database: &mut impl Commit, changes: &[&Change]) -> Result<Vec<Written>, QueueError> {
    let committing = AssertUnwindSafe(database.commit(changes)).catch_unwind().await;
    committing.unwrap_or_else(|_| Err(QueueError::database("the transaction panicked")))
}

impl Pending {
    fn finish(self, result: Result<Written, QueueError>) {
        // An error means that the caller is no longer waiting.
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

    /// Fails in the way that the delivery's id says.
    struct Database {
        commits: Arc<AtomicUsize>,
    }

    impl Commit for Database {
        async fn commit(&mut self, changes: &[&Change]) -> Result<Vec<Written>, QueueError> {
            self.commits.fetch_add(1, Relaxed);
            // Let all callers send their changes first, so that these share a transaction.
            tokio::task::yield_now().await;
            for change in changes {
                let Change::Defer(deferral) = change else { continue };
                match deferral.delivery_id.as_str() {
                    "refused" => return Err(QueueError::database("refused")),
                    "unreachable" => return Err(QueueError::unreachable("gone")),
                    "panic" => panic!("as told"),
                    _ => {}
                }
            }
            Ok(vec![Some(1); changes.len()])
        }
    }

    /// Writes all changes at once; returns the results and the number of transactions.
    async fn write(ids: &[&str]) -> (Vec<Result<Written, QueueError>>, usize) {
        let commits = Arc::default();
        let writer = Writer::start(Database { commits: Arc::clone(&commits) });
        let deferral =
            |id: &str| Deferral { delivery_id: id.to_owned(), worker: String::new(), delay_ms: 0, error: None };
        let changes = ids.iter().map(|id| Change::Defer(deferral(id)));
        let results = join_all(changes.map(|change| writer.write(change))).await;
        (results, commits.load(Relaxed))
    }

    #[test]
    fn a_group_holds_four_mebibytes_or_a_single_longer_change() {
        let mebibytes = [1, 1, 2, 1, 5, 4, 1_usize];
        let lengths: Vec<_> = groups(&mebibytes, |number| number << 20).map(<[_]>::len).collect();
        assert_eq!(lengths, [3, 1, 1, 1, 1]);
    }

    #[tokio::test]
    async fn changes_that_come_together_share_a_transaction() {
        let (results, commits) = write(&["a"; 100]).await;
        assert!(results.iter().all(|result| matches!(result, Ok(Some(1)))));
        assert!(commits <= 2, "{commits} transactions");
    }

    #[tokio::test]
    async fn a_change_that_is_refused_takes_no_other_with_it() {
        for bad in ["refused", "panic"] {
            let (results, _) = write(&["a", bad, "b"]).await;
            assert!(matches!(results[..], [Ok(Some(1)), Err(QueueError::Database(_)), Ok(Some(1))]), "{results:?}");
        }
    }

    #[tokio::test]
    async fn a_database_that_is_gone_is_asked_once_for_all() {
        let (results, commits) = write(&["unreachable"; 100]).await;
        assert!(results.iter().all(|result| matches!(result, Err(QueueError::Unreachable(_)))));
        assert!(commits <= 2, "{commits} transactions");
    }
}
