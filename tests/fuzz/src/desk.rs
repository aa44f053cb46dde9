//! A queue in a file of the run's temporary folder, which `cargo xtask fuzz` removes.

use dealix_webhooks::sender::Queue;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

pub struct Desk {
    pub runtime: Runtime,
    pub queue: Queue,
    pub url: String,
}

impl Desk {
    fn open() -> Self {
        let folder = std::env::var("DEALIX_FUZZ_FOLDER").map_or_else(|_| std::env::temp_dir(), Into::into);
        let file = folder.join(format!("fuzz-{}.db", std::process::id()));
        let url = format!("sqlite://{}", file.display());
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let queue = runtime.block_on(Queue::open(&url)).expect("a queue");
        Self { runtime, queue, url }
    }
}

pub static DESK: LazyLock<Desk> = LazyLock::new(Desk::open);
