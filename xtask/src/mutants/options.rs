use super::groups::Selected;
use anyhow::{Context, Result};

pub struct Options {
    pub selected: Vec<Selected>,
    /// Mutate only the lines that were changed since this commit.
    pub since: Option<String>,
    pub json: bool,
}

impl Options {
    pub fn read(arguments: &[&str]) -> Result<Self> {
        let mut options = Self { selected: Vec::new(), since: None, json: false };
        let mut names = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(&argument) = arguments.next() {
            match argument {
                "--json" => options.json = true,
                "--since" => {
                    let commit = arguments.next().context("--since needs a commit, such as origin/main")?;
                    options.since = Some((*commit).to_owned());
                }
                name => names.push(name),
            }
        }
        options.selected = if names.is_empty() { Selected::all() } else { Selected::named(&names)? };
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_groups_and_files_come_in_any_order() {
        let options = Options::read(&["core", "--since", "main", "src/sender/retry.rs", "--json"]).unwrap();
        let names: Vec<_> = options.selected.iter().map(|one| one.group.name).collect();
        assert_eq!((names, options.since.as_deref(), options.json), (vec!["core", "retry"], Some("main"), true));
        assert_eq!(Options::read(&[]).unwrap().selected.len(), Selected::all().len());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |arguments: &[&str]| Options::read(arguments).err().unwrap().to_string();
        assert!(message(&["--since"]).starts_with("--since needs a commit"));
        assert!(message(&["--sinse"]).starts_with("`--sinse` is neither an option"));
    }
}
