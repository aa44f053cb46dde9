//! The mutants that no test can kill, each with the reason. One that is killed, or is gone, must leave the list.

use super::groups::Selected;
use super::outcomes::{End, Outcome};
use crate::command::root;
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;

pub const LIST: &str = "tests/mutants/survivors.jsonl";

/// One mutant; several of the same name have an entry each.
pub struct Entry {
    pub mutant: String,
    pub end: End,
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for readers, and a test checks that it is there"))]
    reason: String,
}

impl Entry {
    pub fn file(&self) -> &str {
        self.mutant.split(": ").next().unwrap_or_default()
    }

    fn is_for(&self, outcome: &Outcome) -> bool {
        self.mutant == outcome.mutant && self.end == outcome.end
    }
}

pub fn list() -> Result<Vec<Entry>> {
    let text = fs::read_to_string(root().join(LIST)).context(LIST)?;
    text.lines().map(|line| entry(line).with_context(|| format!("{LIST}: {line}"))).collect()
}

fn entry(line: &str) -> Result<Entry> {
    let entry: Value = serde_json::from_str(line)?;
    let field = |name: &str| entry[name].as_str().map(str::to_owned).with_context(|| format!("no `{name}`"));
    let end = match field("end")?.as_str() {
        "missed" => End::Missed,
        "timeout" => End::TimedOut,
        other => anyhow::bail!("`end` is `missed` or `timeout`, and not `{other}`"),
    };
    Ok(Entry { mutant: field("mutant")?, end, reason: field("reason")? })
}

/// The survivors that the list does not explain.
pub fn unexplained<'o>(list: &[Entry], outcomes: &'o [Outcome]) -> Vec<&'o Outcome> {
    let mut entries: Vec<&Entry> = list.iter().collect();
    let survivors = outcomes.iter().filter(|outcome| matches!(outcome.end, End::Missed | End::TimedOut));
    let explained = |outcome: &&Outcome| match entries.iter().position(|entry| entry.is_for(outcome)) {
        Some(position) => {
            entries.swap_remove(position);
            false
        }
        None => true,
    };
    survivors.filter(explained).collect()
}

/// The entries of these files that no survivor needs. A mutant that loops may end otherwise on another machine, so that one is
/// never superfluous.
pub fn superfluous<'e>(list: &'e [Entry], selected: &Selected, outcomes: &[Outcome]) -> Vec<&'e Entry> {
    let mut survivors: Vec<&Outcome> = outcomes.iter().collect();
    let needed = |entry: &&Entry| match survivors.iter().position(|outcome| entry.is_for(outcome)) {
        Some(position) => {
            survivors.swap_remove(position);
            false
        }
        None => entry.end == End::Missed,
    };
    list.iter().filter(|entry| selected.holds(entry.file())).filter(needed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with an entry, if anything is.
    fn fault(entry: &Entry) -> Option<&'static str> {
        let Ok(source) = fs::read_to_string(root().join(entry.file())) else { return Some("no such file") };
        let is_judged = Selected::all().iter().any(|selected| selected.holds(entry.file()));
        let is_sentence = entry.reason.ends_with('.') && entry.reason.contains(' ');
        match function(&entry.mutant).map(|name| format!("fn {name}")) {
            _ if !is_judged => Some("no group mutates the file"),
            _ if !is_sentence => Some("the reason is no sentence"),
            None => Some("the mutant names no function"),
            Some(name) => (!source.match_indices(&name).any(|(at, _)| ends_name(&source[at + name.len()..])))
                .then_some("the file has no such function"),
        }
    }

    fn ends_name(rest: &str) -> bool {
        rest.starts_with(['(', '<'])
    }

    /// The function that a mutant changes, without its type.
    fn function(mutant: &str) -> Option<&str> {
        let change = mutant.split_once(": ")?.1;
        let path = match change.rsplit_once(" in ") {
            Some((_, path)) => path,
            None => change.strip_prefix("replace ")?.split_once(" with ")?.0.split(" -> ").next()?,
        };
        path.rsplit("::").next()
    }

    #[test]
    fn every_listed_mutant_has_its_function_and_a_reason() {
        let list = list().unwrap();
        let faults: Vec<_> =
            list.iter().filter_map(|entry| Some(format!("{}: {}", entry.mutant, fault(entry)?))).collect();
        assert!(faults.is_empty(), "{LIST}: {faults:#?}");
    }

    fn listed(mutant: &str, end: End, reason: &str) -> Entry {
        Entry { mutant: mutant.to_owned(), end, reason: reason.to_owned() }
    }

    #[test]
    fn an_entry_that_has_lost_its_mutant_is_noticed() {
        let fault = |mutant, reason| fault(&listed(mutant, End::Missed, reason));
        let good = "src/json/path.rs: replace > with >= in write";
        assert_eq!(fault(good, "A reason."), None);
        assert_eq!(fault("src/json/path.rs: replace is_plain -> bool with true", "A reason."), None);
        assert_eq!(fault("src/canonical/value.rs: replace < with == in Rewriter<'t, '_>::value", "A reason."), None);
        assert_eq!(fault(good, ""), Some("the reason is no sentence"));
        assert_eq!(fault("src/json/path.rs: delete ! in writ", "A reason."), Some("the file has no such function"));
        assert_eq!(fault("src/json/gone.rs: delete ! in write", "A reason."), Some("no such file"));
        assert_eq!(fault("src/lib.rs: delete ! in write", "A reason."), Some("no group mutates the file"));
    }

    #[test]
    fn each_entry_explains_one_survivor() {
        let mutant = "src/json/path.rs: replace > with >= in write";
        let outcome = |end| Outcome { mutant: mutant.to_owned(), end, diff: String::new() };
        let list = [listed(mutant, End::Missed, "A reason.")];
        let [caught, missed, looping] = [End::Caught, End::Missed, End::TimedOut].map(outcome);
        let files = &Selected::named(&["src/json/path.rs"]).unwrap()[0];
        let counts =
            |outcomes: &[Outcome]| (unexplained(&list, outcomes).len(), superfluous(&list, files, outcomes).len());
        assert_eq!(counts(&[caught.clone(), missed.clone()]), (0, 0));
        assert_eq!(counts(&[missed.clone(), missed]), (1, 0));
        assert_eq!(counts(&[looping]), (1, 1));
        assert_eq!(counts(&[caught]), (0, 1));
        assert_eq!(superfluous(&list, &Selected::named(&["guard"]).unwrap()[0], &[]).len(), 0);
    }
}
