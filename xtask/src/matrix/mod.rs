//! The tables of docs/runtimes.md and docs/frameworks.md: what the tests in `tests/npm` recorded during a green run.

mod rows;

use crate::command::{root, step};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A table of a page. A missing row or an unknown one is an error.
struct Table {
    page: &'static str,
    /// Where the tests record its rows, in `target/npm`.
    folder: &'static str,
    rows: &'static [&'static str],
    columns: &'static [Column],
}

/// A column's heading, and its cell in the row that a test recorded.
type Column = (&'static str, fn(&Row) -> Result<String>);

struct Row {
    name: &'static str,
    recorded: Value,
}

const RUNTIMES: Table = Table {
    page: "docs/runtimes.md",
    folder: "matrix",
    rows: &rows::RUNTIMES,
    columns: &[
        ("runs in", |row| Ok(row.name.to_owned())),
        ("version", |row| row.field("version")),
        ("what is tested", |row| row.field("what")),
    ],
};

const FRAMEWORKS: Table = Table {
    page: "docs/frameworks.md",
    folder: "frameworks",
    rows: &rows::FRAMEWORKS,
    columns: &[
        ("framework", |row| Ok(row.name.to_owned())),
        ("version", |row| row.field("version")),
        ("file, lines", Row::file),
        ("language", Row::language),
        ("built and run with", |row| row.field("builds")),
        ("genuine, Arabic", |row| row.field("verified")),
        ("forged", |row| row.field("forged")),
        ("over 1 MiB", |row| row.field("oversized")),
        ("typical mistake", |row| row.field("mistake")),
        ("what the error says", |row| row.field("says")),
    ],
};

const TABLES: [&Table; 2] = [&RUNTIMES, &FRAMEWORKS];

const BEGIN: &str = "<!-- matrix: `cargo xtask test` writes this table -->\n";
const END: &str = "<!-- /matrix -->\n";

/// Removes what an earlier run recorded.
pub fn clear() -> Result<()> {
    for folder in TABLES.map(Table::folder) {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    Ok(())
}

/// Writes each table into its page if it has changed, and says so.
pub fn write() -> Result<()> {
    TABLES.iter().try_for_each(|table| table.write())
}

impl Table {
    fn folder(&self) -> PathBuf {
        root().join("target/npm").join(self.folder)
    }

    fn write(&self) -> Result<()> {
        let path = root().join(self.page);
        let page = fs::read_to_string(&path).context(self.page)?;
        let updated = replace_table(&page, &self.text(&self.folder())?).context(self.page)?;
        if updated != page {
            step(&format!("{}: the table differs and has been rewritten; commit it", self.page));
            fs::write(path, updated)?;
        }
        Ok(())
    }

    fn text(&self, folder: &Path) -> Result<String> {
        let headings = self.columns.iter().map(|(heading, _)| (*heading).to_owned());
        let mut text = line(headings.collect()) + &line(vec!["---".to_owned(); self.columns.len()]);
        for name in self.rows {
            let row = Row::read(folder, name)?;
            let cells = self.columns.iter().map(|(_, cell)| cell(&row));
            text.push_str(&line(cells.collect::<Result<_>>()?));
        }
        let recorded = fs::read_dir(folder)?.count();
        let listed = self.rows.len();
        ensure!(recorded == listed, "{recorded} rows were recorded, and xtask/src/matrix/rows.rs lists {listed}");
        Ok(text)
    }
}

impl Row {
    fn read(folder: &Path, name: &'static str) -> Result<Self> {
        let text = fs::read_to_string(folder.join(format!("{name}.json")))
            .with_context(|| format!("the test of {name} recorded nothing"))?;
        Ok(Self { name, recorded: serde_json::from_str(&text)? })
    }

    fn field(&self, field: &str) -> Result<String> {
        match &self.recorded[field] {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(anyhow::anyhow!("{}: no {field}", self.name)),
        }
    }

    /// The file that a user copies, where the framework's scaffold has it, and how many lines of code it is.
    fn file(&self) -> Result<String> {
        let example = self.field("example")?;
        let (_, path) = example.split_once('/').with_context(|| format!("{example} is in no folder"))?;
        let code = fs::read_to_string(root().join("examples").join(&example)).with_context(|| example.clone())?;
        let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        Ok(format!("[`{path}`](../examples/{example}), {lines}"))
    }

    fn language(&self) -> Result<String> {
        let is_typescript = self.field("example")?.ends_with(".ts");
        Ok(if is_typescript { "TypeScript" } else { "JavaScript, TypeScript" }.to_owned())
    }
}

fn line(cells: Vec<String>) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn replace_table(page: &str, table: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("no place for the table")?;
    let (_, after) = rest.split_once(END).context("the table has no end")?;
    Ok([before, BEGIN, table, END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_is_replaced() {
        let readme = |table: &str| format!("before\n{BEGIN}{table}{END}after\n");
        assert_eq!(replace_table(&readme("old\n"), "new\n").unwrap(), readme("new\n"));
        assert!(replace_table("no place", "new\n").is_err());
    }

    #[test]
    fn a_row_too_few_or_too_many_is_an_error() {
        let folder = std::env::temp_dir().join(format!("dealix-matrix-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let record = |name: &str| fs::write(folder.join(format!("{name}.json")), r#"{"version":"1","what":"all"}"#);
        let (first, rest) = RUNTIMES.rows.split_first().unwrap();
        rest.iter().for_each(|name| record(name).unwrap());
        let too_few = RUNTIMES.text(&folder);
        record(first).unwrap();
        let complete = RUNTIMES.text(&folder);
        record("another").unwrap();
        let too_many = RUNTIMES.text(&folder);
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(format!("{}", too_few.unwrap_err()), "the test of Node 20 recorded nothing");
        assert_eq!(complete.unwrap().lines().count(), 2 + RUNTIMES.rows.len());
        assert!(too_many.is_err());
    }

    #[test]
    fn a_framework_s_row_links_its_example_and_counts_its_lines() {
        let recorded = serde_json::json!({ "example": "lambda/index.mjs" });
        let row = Row { name: "AWS Lambda", recorded };
        assert_eq!(row.file().unwrap(), "[`index.mjs`](../examples/lambda/index.mjs), 7");
        assert_eq!(row.language().unwrap(), "JavaScript, TypeScript");
        assert_eq!(format!("{}", row.field("says").unwrap_err()), "AWS Lambda: no says");
    }
}
