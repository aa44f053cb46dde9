use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Args)]
pub struct CompletionsArguments {
    /// The shell
    pub shell: Shell,
}

#[derive(Args)]
pub struct ManArguments {
    /// Write the pages of all subcommands too, each to a file in this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
