//! Whether all is well with the queue.

use super::queue::Queue;
use crate::sender::queue::{DatabaseStatus, QueueActivity, QueueError, QueuePrivileges};

impl Queue {
    /// How fast the database responds, what time it has, and what it holds.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn database_status(&self) -> Result<DatabaseStatus, QueueError> {
        self.store.status().await
    }

    /// Whether this database's role may do what a worker does. In SQLite, whether the file can be written to.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`]; [`QueueError::Database`] if nothing can be written.
    pub async fn privileges(&self) -> Result<QueuePrivileges, QueueError> {
        self.store.privileges().await
    }

    /// Whether a worker is working, as far as the tables show it.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueActivity, QueueError};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let activity: QueueActivity = queue.activity().await?;
    /// println!("{} leased; the oldest has been due for {:?}", activity.leased, activity.oldest_due);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn activity(&self) -> Result<QueueActivity, QueueError> {
        self.store.activity().await
    }
}
