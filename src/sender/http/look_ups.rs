//! One look-up a name at a time, for all who wait for it.

use super::look_up_error::LookUpError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use reqwest::dns::{Name, Resolve};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time;

/// A look-up that takes longer is taken for one that never ends. The system's own may take 30 s, with three name servers
/// that are dead.
const LONGEST_LOOK_UP: Duration = Duration::from_secs(60);

type Answer = Result<Arc<[SocketAddr]>, LookUpError>;
type LookUp = Shared<BoxFuture<'static, Answer>>;
type ByName = Arc<Mutex<HashMap<String, LookUp>>>;

/// Each look-up of the system's keeps one of the runtime's blocking threads (512 of them) busy for as long as a name
/// server is silent: one endpoint's deliveries could take them all, and no other name would be resolved.
#[derive(Clone)]
pub(super) struct LookUps {
    resolver: Arc<dyn Resolve>,
    under_way: ByName,
}

impl LookUps {
    pub fn new(resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, under_way: ByName::default() }
    }

    /// The look-up of this name that is in flight, or a new one; to be waited for at once.
    pub fn look_up(&self, name: Name) -> LookUp {
        let mut under_way = self.under_way.lock().expect("no panic while it is locked");
        if let Some(look_up) = under_way.get(name.as_str()) {
            return look_up.clone();
        }
        let name_text = name.as_str().to_owned();
        let place = Place { name: name_text.clone(), under_way: self.under_way.clone() };
        // The task begins when the look-up is first waited for, and thus not while this is locked: a runtime that ends
        // drops it at once, and its place with it.
        let look_up = in_a_task(self.resolver.clone(), name, place).boxed().shared();
        under_way.insert(name_text, look_up.clone());
        look_up
    }
}

/// The thread is busy even when nobody waits any more: the look-up goes on, and the next to ask waits for the same.
async fn in_a_task(resolver: Arc<dyn Resolve>, name: Name, place: Place) -> Answer {
    let task = tokio::spawn(async move {
        let _place = place;
        match time::timeout(LONGEST_LOOK_UP, resolver.resolve(name)).await {
            Ok(Ok(addresses)) => Ok(addresses.collect()),
            Ok(Err(error)) => Err(LookUpError::failed(error)),
            Err(_) => Err(LookUpError::TimedOut(LONGEST_LOOK_UP)),
        }
    });
    task.await.unwrap_or_else(|_| Err(LookUpError::failed("the resolver panicked")))
}

/// A look-up's place among those in flight; given up when it ends, by a panic included.
struct Place {
    name: String,
    under_way: ByName,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.under_way.lock().expect("no panic while it is locked").remove(&self.name);
    }
}
