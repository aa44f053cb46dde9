//! Each reads any bytes, and panics if the crate does or says something wrong.

mod address;
mod canonical;
mod cli;
mod control;
mod diagnose;
mod header;
mod json;
mod outbox;
mod verify;

pub fn target(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "address" => address::run,
        "canonical" => canonical::run,
        "cli" => cli::run,
        "control" => control::run,
        "diagnose" => diagnose::run,
        "header" => header::run,
        "json" => json::run,
        "outbox" => outbox::run,
        "verify" => verify::run,
        _ => return None,
    })
}
