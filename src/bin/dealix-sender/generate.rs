//! What clap generates from the definition of the command: completions for shells, and manual pages.

use crate::arguments::{Arguments, ManArguments};
use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;
use std::process::ExitCode;

pub fn completions(shell: Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "dealix-sender", &mut script);
    let script = String::from_utf8(script).context("the script is not text")?;
    // clap_complete 4.6.11 spells a hyphen in the command's name in two ways, and bash then completes no subcommand's options.
    print(script.replace("dealix__subcmd__sender", "dealix__sender").as_bytes())
}

/// The page of the command or, in a folder, also those of its subcommands; none for `help`.
pub fn man(arguments: &ManArguments) -> Result<ExitCode> {
    let command = Arguments::command().disable_help_subcommand(true);
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return print(&page);
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.with_context(|| format!("--out: {} cannot be written to", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// If nobody reads it any more, as behind `… | head`, that is no success, but not worth a message either.
fn print(text: &[u8]) -> Result<ExitCode> {
    Ok(if std::io::stdout().write_all(text).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
