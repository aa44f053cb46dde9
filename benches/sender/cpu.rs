//! How much CPU time processes have used, from Linux's /proc.

use crate::servers::Database;
use std::fs;
use std::time::Duration;

/// The unit of /proc's times.
const TICK: Duration = Duration::from_millis(10);

/// What /proc says about a process.
struct Process {
    is_zombie: bool,
    parent: u32,
    /// Used by itself, with all its threads.
    own: Duration,
    /// Used by the children that it has waited for.
    ended_children: Duration,
}

/// The time that a process used until it ended. It must have closed its output, and must not have been waited for.
pub fn of_ended(process: u32) -> Duration {
    loop {
        let found = read(process).expect("a process that nobody has waited for");
        if found.is_zombie {
            return found.own;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The time that a running process has used so far.
pub fn of_running(process: u32) -> Duration {
    read(process).expect("a process that runs").own
}

/// The time that a PostgreSQL server has used so far, with all its processes.
pub fn of_postgres(database: &Database) -> Duration {
    let file = fs::read_to_string(database.folder().join("data/postmaster.pid")).expect("the server's process id");
    let server = file.lines().next().and_then(|line| line.parse().ok()).expect("a number");
    let first = read(server).expect("the server's first process");
    let processes = fs::read_dir("/proc").expect("Linux's /proc").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children = ids.filter_map(read).filter(|process| process.parent == server);
    first.own + first.ended_children + children.map(|child| child.own).sum::<Duration>()
}

/// For how long cores of this machine have been idle since it started, all cores together.
pub fn idle() -> Duration {
    let text = fs::read_to_string("/proc/stat").expect("Linux's /proc");
    let cores: Vec<_> = text.lines().next().expect("a line about all cores").split_whitespace().collect();
    // Also while they waited for the disk.
    let ticks = [4, 5].map(|index: usize| cores[index].parse::<u32>().expect("a number of ticks"));
    TICK * ticks.iter().sum()
}

/// `None` if there is no such process any more.
fn read(process: u32) -> Option<Process> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may hold spaces.
    let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| TICK * fields[index].parse::<u32>().expect("a number of ticks");
    Some(Process {
        is_zombie: fields[0] == "Z",
        parent: fields[1].parse().expect("a process id"),
        own: ticks(11) + ticks(12),
        ended_children: ticks(13) + ticks(14),
    })
}
