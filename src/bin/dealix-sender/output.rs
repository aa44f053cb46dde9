//! Tables for people, JSON for programs.

use anyhow::Result;
use comfy_table::{Table, presets};
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Set if [`report`] prints JSON.
static REPORTS_JSON: OnceLock<()> = OnceLock::new();

/// Prints a line to standard output. If nobody reads it any more, as behind `… | head`, the process ends.
pub fn print_line(line: impl Display) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(1);
    }
}

/// Prints a line to standard error, as the log does. If nobody reads it, that does not matter.
pub fn report(line: impl Display) {
    if reports_json() {
        return report_object("INFO", line);
    }
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// [`report`] for what ends the command.
pub fn report_error(line: impl Display) {
    if reports_json() {
        return report_object("ERROR", line);
    }
    let _ = writeln!(std::io::stderr(), "error: {line}");
}

/// Makes [`report`] print JSON from now on.
pub fn report_as_json() {
    REPORTS_JSON.get_or_init(|| ());
}

/// Whether [`report`] prints JSON.
pub fn reports_json() -> bool {
    REPORTS_JSON.get().is_some()
}

/// In the form that tracing's JSON has.
fn report_object(level: &str, line: impl Display) {
    let timestamp = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    let message = line.to_string();
    let object =
        json!({ "timestamp": timestamp, "level": level, "message": message.trim(), "target": "dealix_sender" });
    let _ = writeln!(std::io::stderr(), "{object}");
}

/// Prints rows under headings, in columns as wide as their contents.
pub fn print_table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    print_line(table.trim_fmt());
}

pub fn print_json(value: &impl Serialize) -> Result<()> {
    print_line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Replaces what is not seen itself but changes how the rest is seen, so that text from elsewhere cannot control the terminal or
/// pass for another text.
pub fn printable(text: &str) -> String {
    let is_hidden = |character: char| character.is_control() || is_format_character(character);
    text.replace(is_hidden, "\u{fffd}")
}

/// Line separators, and Unicode's category of format characters, such as those that reverse the direction of what follows.
/// Joiners are left, which emoji and some scripts need.
fn is_format_character(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A number and its noun: `1 delivery`, `2 deliveries`.
pub fn count(number: u64, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

/// A time in seconds since 1970, as `2026-11-24T12:00:00Z`.
pub fn time(seconds: i64) -> String {
    let since_1970 = Duration::from_secs(seconds.try_into().unwrap_or(0));
    UNIX_EPOCH
        .checked_add(since_1970)
        .map_or_else(|| seconds.to_string(), |at| humantime::format_rfc3339_seconds(at).to_string())
}
