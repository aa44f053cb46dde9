use super::targets::{TARGETS, Target, named};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::Duration;

pub struct Options {
    pub targets: Vec<Target>,
    /// For each target.
    pub time: Duration,
    /// An input to run once.
    pub input: Option<PathBuf>,
    /// Whether to add what was found to the committed corpora.
    pub keep: bool,
    pub json: bool,
}

impl Options {
    pub fn read(arguments: &[&str]) -> Result<Self> {
        let mut options =
            Self { targets: Vec::new(), time: Duration::from_secs(60), input: None, keep: false, json: false };
        let mut arguments = arguments.iter();
        while let Some(&argument) = arguments.next() {
            match argument {
                "--json" => options.json = true,
                "--keep" => options.keep = true,
                "--minutes" => options.time = minutes(arguments.next().copied().unwrap_or_default())?,
                "--input" => options.input = Some(arguments.next().context("--input needs a file")?.into()),
                name => options.targets.push(named(name).with_context(|| unknown(name))?),
            }
        }
        if options.input.is_some() && options.targets.len() != 1 {
            bail!("--input needs the one target that reads it: cargo xtask fuzz TARGET --input FILE");
        }
        if options.targets.is_empty() {
            options.targets = TARGETS.to_vec();
        }
        Ok(options)
    }
}

fn minutes(text: &str) -> Result<Duration> {
    let minutes: f64 = text.parse().ok().filter(|minutes| (0.0..=10_000.0).contains(minutes)).with_context(|| {
        format!("--minutes needs a number of minutes for each target, such as 10 or 0.5, and got `{text}`")
    })?;
    Ok(Duration::from_secs((minutes * 60.0).ceil().max(1.0) as u64))
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    format!("`{name}` is neither an option nor a target; the targets are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_targets_come_in_any_order() {
        let options = Options::read(&["verify", "--minutes", "0.5", "json", "--json"]).unwrap();
        assert_eq!(options.targets.iter().map(|target| target.name).collect::<Vec<_>>(), ["verify", "json"]);
        assert_eq!((options.time, options.json, options.keep), (Duration::from_secs(30), true, false));
        assert_eq!(Options::read(&[]).unwrap().targets.len(), TARGETS.len());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |arguments: &[&str]| Options::read(arguments).err().unwrap().to_string();
        assert!(message(&["verfy"]).starts_with("`verfy` is neither an option nor a target; the targets are header, "));
        assert!(message(&["--minutes", "soon"]).ends_with("and got `soon`"));
        assert!(message(&["--input", "file"]).starts_with("--input needs the one target"));
    }
}
