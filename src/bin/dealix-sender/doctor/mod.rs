//! Checks what a worker needs: its database, this machine, the time.

mod check;
mod clock;
mod machine;
mod queue;

use crate::arguments::{DoctorArguments, WorkArguments};
use crate::database::DatabaseUrl;
use crate::output::{print_json, print_line, printable};
use crate::secrets_keys;
use anyhow::Result;
use check::{Check, State};
use std::path::Path;
use std::process::ExitCode;

/// What the worker on this machine would be started with.
pub struct Setup<'s> {
    pub database: &'s DatabaseUrl,
    pub config: Option<&'s Path>,
    pub worker: WorkArguments,
}

/// Makes all checks. The exit code says whether one of them failed.
pub async fn doctor(setup: Setup<'_>, arguments: DoctorArguments, json: bool) -> Result<ExitCode> {
    let mut checks = vec![machine::config(setup.config)];
    checks.extend(setup.database.sqlite_file().map(|file| machine::disk(&file)));
    checks.push(machine::descriptors(setup.worker.concurrency));
    let keys = secrets_keys::read();
    if let Err(error) = &keys {
        checks.push(Check::not_ok("secrets", State::Failed, format!("{error:#}"), "correct the key"));
    }
    let has_keys = keys.is_ok();
    let queue = queue::open(setup.database, keys.unwrap_or_default()).await;
    let status = match &queue {
        Ok(queue) => {
            let status = queue::checks(queue, &mut checks).await;
            if has_keys {
                checks.push(queue::secrets(queue).await);
            }
            status
        }
        Err(_) => None,
    };
    let hosts = match &queue {
        Ok(queue) => queue::hosts(queue).await,
        Err(_) => Vec::new(),
    };
    checks.extend(queue.err());
    checks.push(machine::dns(arguments.resolve, hosts).await);
    let proxy = setup.worker.transport.proxy();
    let ahead_ms = status.map(|status| status.ahead_ms);
    checks.push(clock::against_response(arguments.clock_from, proxy, ahead_ms).await);

    if json {
        print_json(&checks)?;
    } else {
        checks.iter().for_each(|check| print_line(printable(&check.to_string())));
    }
    let failed = checks.iter().any(|check| check.state == State::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
