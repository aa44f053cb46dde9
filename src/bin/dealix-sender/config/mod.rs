//! The configuration file, in TOML: the command's options, those of a subcommand in a table of its name. Each becomes the
//! default of its option, so the arguments and the environment come first, and clap parses all of them.

mod value;

use crate::arguments::PROXY;
use crate::database::has_password;
use crate::environment;
use anyhow::{Context, Result, anyhow, bail};
use clap::Command;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use toml::de::{DeTable, DeValue};

const MAX_BYTES: u64 = 1024 * 1024;

/// The command with the defaults that its configuration file sets, if it has one.
pub fn with_defaults(command: Command) -> Result<Command> {
    let Some(path) = named_by_arguments(&command) else { return Ok(command) };
    let config = Config::read(path)?;
    let parsed = DeTable::parse(&config.text).map_err(|error| {
        // The error's own text would quote the line, and with it a password.
        let place = error.span().unwrap_or_default();
        config.error(place.start, format_args!("this is not TOML: {}", error.message()))
    })?;
    let mut changed = command.clone();
    config.apply(parsed.get_ref(), &mut changed, &mut vec![command.get_name().to_owned()], &command)?;
    Ok(changed)
}

/// What is wrong with the arguments is reported when they are parsed for good.
fn named_by_arguments(command: &Command) -> Option<PathBuf> {
    let matches = command.clone().ignore_errors(true).try_get_matches().ok()?;
    matches.get_one::<PathBuf>("config").cloned()
}

struct Config {
    path: PathBuf,
    text: String,
    is_private: bool,
}

impl Config {
    fn read(path: PathBuf) -> Result<Self> {
        let what = || format!("--config: {} cannot be read", path.display());
        let file = File::open(&path).with_context(what)?;
        let is_private = file.metadata().with_context(what)?.permissions().mode() & 0o077 == 0;
        let mut text = String::new();
        if file.take(MAX_BYTES + 1).read_to_string(&mut text).with_context(what)? as u64 > MAX_BYTES {
            bail!("--config: {} is longer than {MAX_BYTES} bytes; is it the configuration file?", path.display());
        }
        Ok(Self { path, text, is_private })
    }

    /// Sets the defaults of a command. `names` are its name and those of the commands above it, and `root` is the topmost
    /// command as it was.
    fn apply(&self, table: &DeTable, command: &mut Command, names: &mut Vec<String>, root: &Command) -> Result<()> {
        for (key, value) in table.iter() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            if let Some(subcommand) = command.find_subcommand_mut(name) {
                let DeValue::Table(inner) = value.get_ref() else {
                    return Err(self.error(at, format_args!("{name} is a table: write [{}]", path(names, name))));
                };
                names.push(name.to_owned());
                self.apply(inner, subcommand, names, root)?;
                names.pop();
                continue;
            }
            let Some(option) = option(command, name) else { return Err(self.unknown(at, command, names, name)) };
            let texts = value::texts(option, value.get_ref())
                .and_then(|texts| self.checked(texts, names, name, root))
                .map_err(|reason| self.error(at, format_args!("{}: {reason}", path(names, name))))?;
            // The environment comes first; clap sees to that for its own variables.
            if name == "proxy" && environment::is_set(PROXY) {
                continue;
            }
            let id = option.get_id().clone();
            *command = std::mem::take(command).mut_arg(id, |option| value::with_default(option, texts));
        }
        Ok(())
    }

    fn checked(&self, texts: Vec<String>, names: &[String], name: &str, root: &Command) -> Result<Vec<String>> {
        if name == "proxy" && texts.iter().any(|text| text.contains('@')) {
            bail!("a user and a password do not belong here: set {PROXY} or {PROXY}_FILE instead");
        }
        if !self.is_private && texts.iter().any(|text| has_password(text)) {
            bail!(
                "it contains a password, and other users of this machine can read the file; chmod 600 it, \
                 or set DEALIX_DATABASE_FILE instead"
            );
        }
        for text in &texts {
            let option = format!("--{name}={text}");
            value::check(root, names.iter().cloned().chain([option]).map(OsString::from))?;
        }
        Ok(texts)
    }

    fn unknown(&self, at: usize, command: &Command, names: &[String], name: &str) -> anyhow::Error {
        let looks_secret = ["secret", "password", "key"].iter().any(|word| name.to_lowercase().contains(word));
        let advice = if looks_secret { "; secrets do not belong here: set DEALIX_WEBHOOK_SECRET_FILE" } else { "" };
        let known = options(command).filter_map(|option| option.get_long()).map(str::to_owned);
        let tables = command.get_subcommands().filter(|inner| has_keys(inner));
        let tables = tables.map(|inner| format!("[{}]", path(names, inner.get_name())));
        let known = known.chain(tables).collect::<Vec<_>>().join(", ");
        self.error(at, format_args!("there is no option {}{advice}; there are: {known}", path(names, name)))
    }

    fn error(&self, at: usize, what: impl std::fmt::Display) -> anyhow::Error {
        let line = 1 + self.text.get(..at).unwrap_or_default().matches('\n').count();
        anyhow!("{}:{line}: {what}", self.path.display())
    }
}

/// The key as it would be written at the top of the file: `subscriptions.add.customer`.
fn path(names: &[String], key: &str) -> String {
    [&names[1..], &[key.to_owned()]].concat().join(".")
}

fn option<'c>(command: &'c Command, name: &str) -> Option<&'c clap::Arg> {
    options(command).find(|option| option.get_long() == Some(name))
}

/// The file does not name itself.
fn options(command: &Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|argument| argument.get_long().is_some() && argument.get_id() != "config")
}

fn has_keys(command: &Command) -> bool {
    options(command).next().is_some() || command.get_subcommands().any(has_keys)
}
