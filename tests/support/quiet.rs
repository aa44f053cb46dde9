//! Tests that measure time run while no other test of the queue does.

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static MACHINE: RwLock<()> = RwLock::const_new(());

/// Held by a test that runs beside others.
pub async fn shared() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().await
}

/// Held by a test that needs the machine for itself.
pub async fn alone() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().await
}
