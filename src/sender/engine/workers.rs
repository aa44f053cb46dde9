use super::queue::Queue;
use crate::sender::queue::WorkOptions;
use crate::sender::transport::Transport;
use crate::sender::worker::Worker;

impl Queue {
    /// A worker that makes the attempts that are due. Any number of workers may share a database.
    pub fn worker(&self, transport: impl Transport + 'static, options: WorkOptions) -> Worker {
        Worker::new(self.store.clone(), transport, self.options.max_envelope_bytes, options)
    }
}
