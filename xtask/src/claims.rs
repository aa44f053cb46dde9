//! Each claim of SECURITY.md's threat model names a test that exists, or a command of `cargo xtask`.

use crate::command::root;
use std::fs;

const PAGE: &str = "SECURITY.md";

/// The rows of the threat model's tables: what shows the claim is in the last column.
fn claims(page: &str) -> Vec<&str> {
    let (_, model) = page.split_once("\n## Threat model\n").expect("a threat model");
    let (model, _) = model.split_once("\n## ").expect("a section after it");
    let rows = model.lines().filter(|line| line.starts_with("| "));
    rows.filter(|row| !row.starts_with("| they |") && !row.starts_with("| --- |")).collect()
}

/// The names and files of the tests, as links.
fn tests(shown_by: &str) -> Vec<(&str, &str)> {
    let links = shown_by.split("](").collect::<Vec<_>>();
    let pairs = links.windows(2).filter_map(|pair| Some((pair[0].rsplit_once('[')?.1, pair[1].split_once(')')?.0)));
    pairs.collect()
}

/// The commands of `cargo xtask` that are named.
fn commands(shown_by: &str) -> Vec<&str> {
    let named = shown_by.split("`cargo xtask ").skip(1);
    named.filter_map(|rest| rest.split(['`', ' ']).next()).collect()
}

/// What is wrong with a claim, if anything is.
fn fault(claim: &str) -> Option<String> {
    let shown_by = claim.trim_end_matches(" |").rsplit(" | ").next()?;
    let (tests, commands) = (tests(shown_by), commands(shown_by));
    if tests.is_empty() && commands.is_empty() {
        return Some(format!("nothing shows this: {claim}"));
    }
    let missing_test = tests.iter().find(|(name, file)| !holds(file, name));
    let missing_command = commands
        .iter()
        .find(|name| !crate::HELP.contains(&format!("\n  {name} ")) && !crate::HELP.contains(&format!("\n  {name}\n")));
    match (missing_test, missing_command) {
        (Some((name, file)), _) => Some(format!("{file} has no test `{name}`")),
        (_, Some(name)) => Some(format!("there is no `cargo xtask {name}`")),
        _ => None,
    }
}

/// Whether a file defines a test of that name.
fn holds(file: &str, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(root().join(file)) else { return false };
    text.contains(&if file.ends_with(".rs") { format!("fn {name}(") } else { format!("\"{name}\"") })
}

#[test]
fn every_claim_of_the_threat_model_is_shown_by_something() {
    let page = fs::read_to_string(root().join(PAGE)).expect("a page");
    let claims = claims(&page);
    assert!(claims.len() > 25, "these cannot be all: {claims:#?}");
    let faults: Vec<_> = claims.into_iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_claim_without_proof_is_noticed() {
    let here = "xtask/src/claims.rs";
    assert_eq!(fault(&format!("| a | b | [a_claim_without_proof_is_noticed]({here}), `cargo xtask deny` |")), None);
    for bad in ["trust us".to_owned(), format!("[a_test_that_is_gone]({here})"), "[x](no/such/file.rs)".to_owned()] {
        assert!(fault(&format!("| a | b | {bad} |")).is_some(), "{bad}");
    }
    assert!(fault("| a | b | `cargo xtask no-such-command` |").is_some());
}
