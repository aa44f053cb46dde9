//! A value in the file, as its option takes it.

use anyhow::{Result, anyhow, bail};
use clap::builder::OsStr;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;
use toml::de::DeValue;

/// The texts that the option would get as arguments.
pub fn texts(option: &Arg, value: &DeValue) -> Result<Vec<String>> {
    let texts = match (option.get_action(), value) {
        (ArgAction::SetTrue, DeValue::Boolean(set)) => Some(vec![set.to_string()]),
        (ArgAction::SetTrue, _) => bail!("it must be true or false, without quotes, not {}", kind(value)),
        (ArgAction::Append, DeValue::Array(values)) => values.iter().map(|value| text(value.get_ref())).collect(),
        (_, value) => text(value).map(|text| vec![text]),
    };
    texts.ok_or_else(|| {
        let list = if matches!(option.get_action(), ArgAction::Append) { ", or a list of them" } else { "" };
        anyhow!("it must be a text in quotes or a whole number{list}, not {}", kind(value))
    })
}

fn text(value: &DeValue) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n.to_string()),
        _ => None,
    }
}

fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number of this size",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "such a list",
        DeValue::Table(_) => "a table",
    }
}

/// Fails if clap refuses one of these arguments' values. That others are missing does not matter.
pub fn check(command: &Command, arguments: impl Iterator<Item = OsString>) -> Result<()> {
    match command.clone().try_get_matches_from(arguments) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) => {
            let rendered = error.to_string();
            let reason = rendered.strip_prefix("error: ").unwrap_or(&rendered);
            let reason: Vec<_> = reason.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            bail!("{}", reason.join(" "))
        }
        _ => Ok(()),
    }
}

/// The option with another default. A flag that the file sets can be taken back: `--json=false`.
pub fn with_default(option: Arg, texts: Vec<String>) -> Arg {
    let is_flag = matches!(option.get_action(), ArgAction::SetTrue);
    // A default may hold a password, and would be shown by `--help`.
    let option = option.required(false).hide_default_value(true).default_values(texts.into_iter().map(OsStr::from));
    if !is_flag {
        return option;
    }
    option.action(ArgAction::Set).num_args(0..=1).require_equals(true).default_missing_value("true")
}
