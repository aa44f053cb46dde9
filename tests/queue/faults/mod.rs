//! What was enqueued arrives, whatever fails in between: the worker's process, the database, the disk, the clock, the
//! receiver. The worker is the real `dealix-sender`, in a process of its own that can be killed.

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
mod worker;
