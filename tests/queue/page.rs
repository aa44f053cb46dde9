//! The commands and statements of docs/sender.md, as they are written there.

use crate::faults::worker::SENDER;
use crate::support::servers::{Database, Kind};
use dealix_webhooks::sender::Queue;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, raw_sql};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/sender.md");

/// The page's blocks in a language, each with the line before it.
fn blocks(language: &str) -> Vec<(&'static str, &'static str)> {
    let fence = format!("```{language}\n");
    let starts = PAGE.match_indices(&fence).map(|(start, _)| start);
    let block = |start: usize| {
        let before = PAGE[..start].trim_end().lines().last().unwrap_or_default();
        let rest = &PAGE[start + fence.len()..];
        (before, rest.split("```").next().unwrap_or_default())
    };
    starts.map(block).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_on_the_page_runs() {
    let servers = [Kind::Sqlite, Kind::Postgres].map(Database::start);
    let mut run = 0;
    for (before, block) in blocks("sql") {
        let [sqlite, postgres] = [servers[0].create(), servers[1].create()];
        let url = if before.starts_with("In SQLite") { sqlite } else { postgres };
        Queue::open(&url).await.expect("a queue");
        let statements = raw_sql(AssertSqlSafe(format!("CREATE TABLE deals (id BIGINT, state TEXT);\n{block}")));
        let executed = if url.starts_with("sqlite") {
            statements.execute(&mut SqliteConnection::connect(&url).await.expect("a connection")).await.map(drop)
        } else {
            statements.execute(&mut PgConnection::connect(&url).await.expect("a connection")).await.map(drop)
        };
        assert!(executed.is_ok(), "{executed:?}: {block}");
        run += 1;
    }
    assert!(run >= 8, "the page has more blocks than {run}");
}

#[test]
fn every_command_on_the_page_has_the_options_that_it_is_shown_with() {
    let in_blocks = blocks("sh").into_iter().flat_map(|(_, block)| block.lines());
    let subcommands =
        ["dead-letters", "deliveries", "enqueue", "recover", "replay", "secrets", "subscriptions", "work"];
    let in_text = PAGE.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n'));
    let in_text = in_text.filter(|code| code.split_once(' ').is_some_and(|(first, _)| subcommands.contains(&first)));
    let commands = in_blocks.filter_map(command).chain(in_text.map(str::to_owned));
    let (mut checked, mut wrong) = (0, Vec::new());
    for command in commands {
        let mut shell = Command::new("bash");
        // Options are checked in their order, up to `--help`.
        shell.args(["-c", &format!("\"$0\" {command} --help"), SENDER]).env("DEALIX_DATABASE", "sqlite://none.db");
        let output = shell.output().expect("bash");
        if !output.status.success() {
            wrong.push(format!("{command}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked >= 60, "the page has more commands than {checked}");
}

/// What follows the command `dealix-sender` in a line, without what belongs to the shell.
fn command(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("dealix-sender ")?;
    // Elsewhere, it is the name of a file, a service or an image.
    let is_command = before.is_empty() || before.ends_with("| ") || before.ends_with("$(") || before.contains('=');
    if !is_command {
        return None;
    }
    let end = [" #", " |", " <", " >", " &", ")\""].iter().filter_map(|end| rest.find(end)).min();
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}
