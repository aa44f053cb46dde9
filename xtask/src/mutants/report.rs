//! What was judged, and what survived.

use super::outcomes::{End, Outcome};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

pub struct Report {
    pub group: &'static str,
    pub outcomes: Vec<Outcome>,
    pub took: Duration,
}

impl Report {
    fn count(&self, end: End) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.end == end).count()
    }

    fn to_json(&self) -> Value {
        json!({
            "group": self.group, "mutants": self.outcomes.len(), "caught": self.count(End::Caught),
            "missed": self.count(End::Missed), "timeouts": self.count(End::TimedOut),
            "unviable": self.count(End::Unviable), "seconds": self.took.as_secs(),
        })
    }
}

pub fn print(reports: &[Report], is_json: bool) -> Result<()> {
    let rows: Vec<Value> = reports.iter().map(Report::to_json).collect();
    if is_json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    const COLUMNS: [&str; 7] = ["group", "mutants", "caught", "missed", "timeouts", "unviable", "seconds"];
    println!("{}", COLUMNS.map(|column| format!("{column:>9}")).concat());
    for row in rows {
        let cell = |column| row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned);
        println!("{}", COLUMNS.map(|column| format!("{:>9}", cell(column))).concat());
    }
    Ok(())
}

/// A survivor as the error shows it.
pub fn survivor(outcome: &Outcome) -> String {
    let what = if outcome.end == End::TimedOut { "timeout" } else { "missed" };
    format!("{what}: {}\n{}", outcome.mutant, outcome.diff)
}
