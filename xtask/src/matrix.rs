//! The table of docs/runtimes.md: where the package was tested, as recorded by the runners in `tests/npm` during a green run.

use crate::command::{root, step};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The rows, in order. A missing row or an unknown one is an error.
const ROWS: [&str; 25] = [
    "Node 20",
    "Node 22",
    "Node 24",
    "Node 26",
    "Deno",
    "Bun",
    "workerd",
    "edge-runtime",
    "Chromium",
    "Firefox ESR",
    "wrangler",
    "Next.js",
    "Vite",
    "webpack",
    "esbuild",
    "Rollup",
    "Jest",
    "Vitest",
    "Nuxt",
    "Nuxt nightly",
    "Nitro",
    "Rspack",
    "Parcel",
    "Vite for Workers",
    "Vitest in Workers",
];

const BEGIN: &str = "<!-- matrix: `cargo xtask test` writes this table -->\n";
const END: &str = "<!-- /matrix -->\n";

/// Removes what an earlier run recorded.
pub fn clear() -> Result<()> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Writes the table into its page if it has changed, and says so.
pub fn write() -> Result<()> {
    let path = root().join("docs/runtimes.md");
    let page = fs::read_to_string(&path)?;
    let updated = replace_table(&page, &table(&folder())?)?;
    if updated != page {
        step("docs/runtimes.md: the table differs and has been rewritten; commit it");
        fs::write(path, updated)?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    root().join("target/npm/matrix")
}

fn table(folder: &Path) -> Result<String> {
    let mut table = String::from("| runs in | version | what is tested |\n| --- | --- | --- |\n");
    for name in ROWS {
        let text = fs::read_to_string(folder.join(format!("{name}.json")))
            .with_context(|| format!("the runner of {name} recorded nothing"))?;
        let row: Value = serde_json::from_str(&text)?;
        let field = |field: &str| row[field].as_str().with_context(|| format!("{name}: no {field}"));
        table.push_str(&format!("| {name} | {} | {} |\n", field("version")?, field("what")?));
    }
    let recorded = fs::read_dir(folder)?.count();
    ensure!(recorded == ROWS.len(), "{recorded} rows were recorded, and xtask/src/matrix.rs lists {}", ROWS.len());
    Ok(table)
}

fn replace_table(page: &str, table: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("docs/runtimes.md has no place for the table")?;
    let (_, after) = rest.split_once(END).context("the table of docs/runtimes.md has no end")?;
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
        ROWS[1..].iter().for_each(|name| record(name).unwrap());
        let too_few = table(&folder);
        record(ROWS[0]).unwrap();
        let complete = table(&folder);
        record("another").unwrap();
        let too_many = table(&folder);
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(format!("{}", too_few.unwrap_err()), "the runner of Node 20 recorded nothing");
        assert_eq!(complete.unwrap().lines().count(), 2 + ROWS.len());
        assert!(too_many.is_err());
    }
}
