//! `cargo xtask mutants`: changes the crate's logic in one place at a time, and fails if the tests notice nothing.

mod engine;
mod groups;
mod options;
mod outcomes;
mod report;
mod survivors;

use anyhow::{Result, bail};
use engine::Engine;
use options::Options;
use report::Report;
use std::time::Instant;
use survivors::{LIST, superfluous, unexplained};

pub fn mutants(arguments: &[&str]) -> Result<()> {
    let options = Options::read(arguments)?;
    let list = survivors::list()?;
    let engine = Engine::start(options.since.as_deref())?;
    let (mut reports, mut faults) = (Vec::new(), Vec::new());
    for selected in &options.selected {
        let started = Instant::now();
        let outcomes = engine.judge(selected)?;
        faults.extend(unexplained(&list, &outcomes).into_iter().map(report::survivor));
        // Of a change's mutants alone, it cannot be said which of an entry's namesakes are killed.
        if options.since.is_none() {
            let entries = superfluous(&list, selected, &outcomes);
            faults.extend(entries.iter().map(|entry| format!("killed, or gone: {}", entry.mutant)));
        }
        reports.push(Report { group: selected.group.name, outcomes, took: started.elapsed() });
    }
    report::print(&reports, options.json)?;
    if !faults.is_empty() {
        bail!(
            "mutants: {} differ from {LIST}. Write a test that kills what survives, remove code that makes no \
            difference, or add a line with the reason; delete the lines of what is killed or gone.\n\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
    Ok(())
}
