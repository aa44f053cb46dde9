//! Every enqueued event arrives, whatever fails: the worker's process, the database, the disk, the clock or the
//! receiver. The worker is the real `dealix-sender` in its own process, so that it can be killed.

mod backups;
mod bed;
mod clocks;
mod databases;
mod disks;
mod fairness;
mod kills;
mod migrations;
mod outbox;
mod shortages;
mod stops;
mod versions;
pub mod worker;
