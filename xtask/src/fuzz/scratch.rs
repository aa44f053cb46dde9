//! A folder for the targets' databases: in memory, where there is such a place, because a database waits for the disk.

use crate::command::root;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Removed when it is dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn make() -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_path_buf() } else { root().join("target/fuzz") };
        let folder = parent.join(format!("dealix-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
