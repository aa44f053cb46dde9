//! A resolver with prepared answers.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

pub type Answer = Result<Vec<IpAddr>, String>;

/// Returns its answers one by one, then repeats the last, and records the names.
pub struct Resolver {
    answers: Mutex<Vec<Answer>>,
    names: Mutex<Vec<String>>,
}

impl Resolver {
    pub fn new(mut answers: Vec<Answer>) -> Arc<Self> {
        answers.reverse();
        Arc::new(Self { answers: Mutex::new(answers), names: Mutex::default() })
    }

    /// Returns the same addresses for every name.
    pub fn fixed(addresses: &[&str]) -> Arc<Self> {
        Self::new(vec![Ok(addresses.iter().map(|address| address.parse().expect("an address")).collect())])
    }

    /// The names that were looked up.
    pub fn names(&self) -> Vec<String> {
        self.names.lock().expect("no panic while it is locked").clone()
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        self.names.lock().expect("no panic while it is locked").push(name.as_str().to_owned());
        let mut answers = self.answers.lock().expect("no panic while it is locked");
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        Box::pin(async move {
            let addresses = answer.expect("an answer")?;
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// Never returns.
pub struct Silent;

impl Resolve for Silent {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(std::future::pending())
    }
}
