//! One DNS look-up per name at a time, shared by everyone who waits for it.

use super::look_up_error::LookUpError;
use super::resolve::Resolve;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time;

/// A look-up that takes longer is assumed never to end. The system's own may take 30 s if all three name servers are down.
const MAX_LOOK_UP_TIME: Duration = Duration::from_secs(60);

type Addresses = Result<Arc<[IpAddr]>, LookUpError>;
type LookUp = Shared<BoxFuture<'static, Addresses>>;
type ByName = Arc<Mutex<HashMap<String, LookUp>>>;

/// While a name server is silent, each of the system's look-ups occupies one of the runtime's 512 blocking threads. Without
/// sharing, the attempts at one endpoint could occupy them all, and no other name would be resolved.
pub(super) struct LookUps {
    resolver: Arc<dyn Resolve>,
    in_flight: ByName,
}

impl LookUps {
    pub fn new(resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, in_flight: ByName::default() }
    }

    /// The look-up of this name that is in flight, or a new one. The caller must await it immediately.
    pub fn look_up(&self, name: &str) -> LookUp {
        let mut in_flight = self.in_flight.lock().expect("no panic while it is locked");
        if let Some(look_up) = in_flight.get(name) {
            return look_up.clone();
        }
        let entry = Entry { name: name.to_owned(), in_flight: self.in_flight.clone() };
        // The task starts when the look-up is first awaited, and so not under this lock: a runtime that is shutting down drops
        // the task immediately, and its entry with it.
        let look_up = in_a_task(self.resolver.clone(), entry).boxed().shared();
        in_flight.insert(name.to_owned(), look_up.clone());
        look_up
    }
}

/// The blocking thread stays busy even if nobody waits any more, so the look-up goes on and the next caller shares it.
async fn in_a_task(resolver: Arc<dyn Resolve>, entry: Entry) -> Addresses {
    let task = tokio::spawn(async move {
        match time::timeout(MAX_LOOK_UP_TIME, resolver.resolve(&entry.name)).await {
            Ok(Ok(addresses)) => Ok(addresses.into()),
            Ok(Err(error)) => Err(LookUpError::failed(error)),
            Err(_) => Err(LookUpError::TimedOut(MAX_LOOK_UP_TIME)),
        }
    });
    task.await.unwrap_or_else(|_| Err(LookUpError::failed("the resolver panicked")))
}

/// A look-up's entry among those in flight; removed when it ends, even by a panic.
struct Entry {
    name: String,
    in_flight: ByName,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.in_flight.lock().expect("no panic while it is locked").remove(&self.name);
    }
}
