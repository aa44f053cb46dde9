//! What SIGINT and SIGTERM do. The system ignores both for a container's first process, unless that handles them.

use crate::output::report;
use anyhow::{Context, Result};
use std::future::Future;
use std::process::exit;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next one ends the process.
    Ends,
    /// The next one only tells the worker to stop.
    Works,
    /// The worker finishes its attempts.
    Stops,
}

pub struct Interrupts(watch::Sender<State>);

impl Interrupts {
    /// Handles both from now on. A worker that has not begun has nothing to finish, so being told to stop is no failure of it.
    pub fn handle(is_worker: bool) -> Result<Self> {
        let signals = [listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?];
        let state = watch::Sender::new(State::Ends);
        tokio::spawn(obey(signals, state.clone(), is_worker));
        Ok(Self(state))
    }

    /// Resolves at the first one from now on; the second ends the process immediately.
    pub fn stop_worker(&self) -> impl Future<Output = ()> + Send + 'static {
        self.0.send_replace(State::Works);
        let mut state = self.0.subscribe();
        async move {
            // An error means that the task which handles them is gone.
            let _ = state.wait_for(|state| *state == State::Stops).await;
        }
    }
}

fn listen(kind: SignalKind) -> Result<Signal> {
    signal(kind).context("cannot listen for signals")
}

async fn obey([mut interrupt, mut terminate]: [Signal; 2], state: watch::Sender<State>, is_worker: bool) {
    loop {
        // As the shell numbers them.
        let code = tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        };
        let before = *state.borrow();
        match before {
            State::Ends if is_worker => {
                report("stopped before any attempt was made");
                exit(0);
            }
            State::Ends => {
                report("stopped before the command was done");
                exit(code);
            }
            State::Works => {
                report("\nfinishing the attempts in flight; interrupt again to stop immediately");
                state.send_replace(State::Stops);
            }
            State::Stops => {
                report("\nstopped immediately; the attempts in flight will be made again");
                exit(130);
            }
        }
    }
}
