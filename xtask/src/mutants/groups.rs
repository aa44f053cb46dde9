//! What is mutated, and the cheapest tests that judge it.

use anyhow::{Context, Result};

pub struct Group {
    pub name: &'static str,
    /// Files, and folders, which end with a slash.
    files: &'static [&'static str],
    pub features: &'static str,
    /// What each round runs. The first takes seconds and kills most mutants; the next ones judge those that it missed.
    pub rounds: &'static [Round],
}

pub struct Round {
    /// The test binaries, as cargo's options.
    pub targets: &'static [&'static str],
    /// Parts of the names of their tests that run; all run if there are none.
    tests: &'static [&'static str],
    /// Parts of the names of those that do not.
    skips: &'static [&'static str],
}

impl Round {
    /// Which tests run, as libtest's options.
    pub fn options(&self) -> impl Iterator<Item = String> {
        let skips = self.skips.iter().map(|name| format!("--skip={name}"));
        self.tests.iter().map(|name| (*name).to_owned()).chain(skips)
    }
}

const SENDER: &[&str] = &["--test=sender"];
const QUEUE: &[&str] = &["--test=queue"];
const LIB_AND_QUEUE: &[&str] = &["--lib", "--test=queue"];
/// The tests of HTTP that wait for a second or more.
const SLOW_HTTP: &[&str] = &["http_upload", "http_phases", "hangs", "is_down", "lookup", "in_pieces"];
/// The queue's tests that let something fail or measure time, which run alone and for long.
const SLOW_QUEUE: &[&str] = &["faults::", "fairness::", "plans::", "rates::", "a_backlog_of"];

pub const GROUPS: [Group; 6] = [
    Group {
        name: "core",
        files: &["src/signature/", "src/canonical/", "src/json/", "src/event/"],
        features: "clock",
        rounds: &[
            Round { targets: &["--test=core"], tests: &[], skips: &["canonical_python", "properties", "robustness"] },
            Round { targets: &["--lib", "--test=core"], tests: &[], skips: &[] },
        ],
    },
    Group {
        name: "guard",
        files: &["src/sender/http/"],
        features: "native",
        rounds: &[
            Round { targets: SENDER, tests: &["endpoints::", "http_"], skips: SLOW_HTTP },
            Round { targets: SENDER, tests: &["endpoints::", "http_"], skips: &[] },
        ],
    },
    Group {
        name: "retry",
        files: &[
            "src/sender/delivery.rs",
            "src/sender/dispatch.rs",
            "src/sender/error/",
            "src/sender/headers.rs",
            "src/sender/retry.rs",
            "src/sender/sealed.rs",
            "src/sender/secret.rs",
            "src/sender/subscription.rs",
            "src/sender/transport.rs",
        ],
        features: "native",
        rounds: &[
            Round { targets: SENDER, tests: &[], skips: &["http_"] },
            Round { targets: SENDER, tests: &["http_"], skips: &[] },
        ],
    },
    Group {
        name: "store",
        files: &[
            "src/sender/store/change.rs",
            "src/sender/store/connection.rs",
            "src/sender/store/lease.rs",
            "src/sender/store/new_event.rs",
            "src/sender/store/news.rs",
            "src/sender/store/open.rs",
            "src/sender/store/outcome.rs",
            "src/sender/store/writer.rs",
            "src/sender/store/sql/error.rs",
            "src/sender/store/sql/recording.rs",
            "src/sender/store/sql/secrets.rs",
            "src/sender/store/sql/sqlite/",
            "src/sender/store/sql/values.rs",
        ],
        features: "cli",
        rounds: &[
            Round { targets: QUEUE, tests: &["sqlite::"], skips: SLOW_QUEUE },
            Round { targets: LIB_AND_QUEUE, tests: &["store::", "sqlite::"], skips: &[] },
        ],
    },
    Group {
        name: "postgres",
        files: &["src/sender/store/sql/postgres/"],
        features: "cli",
        rounds: &[
            Round { targets: QUEUE, tests: &["postgres::"], skips: SLOW_QUEUE },
            Round { targets: LIB_AND_QUEUE, tests: &["store::", "postgres::"], skips: &[] },
        ],
    },
    Group {
        name: "queue",
        files: &["src/sender/engine/", "src/sender/queue/", "src/sender/system.rs", "src/sender/worker/"],
        features: "cli",
        rounds: &[
            Round { targets: QUEUE, tests: &["sqlite::"], skips: SLOW_QUEUE },
            Round { targets: LIB_AND_QUEUE, tests: &["queue::", "sqlite::", "worker::"], skips: &[] },
        ],
    },
];

/// A group, or those of its files that were named.
pub struct Selected {
    pub group: &'static Group,
    files: Vec<String>,
}

impl Selected {
    pub fn all() -> Vec<Self> {
        GROUPS.iter().map(|group| Self { group, files: Vec::new() }).collect()
    }

    /// Groups by their names, and files by their paths from the repository's root.
    pub fn named(names: &[&str]) -> Result<Vec<Self>> {
        let mut selected = Self::all();
        for name in names {
            let is_it = |one: &&mut Self| one.group.name == *name || one.group.holds(name);
            let one = selected.iter_mut().find(is_it).with_context(|| unknown(name))?;
            let files = if one.group.name == *name { one.group.files } else { &[*name] };
            one.files.extend(files.iter().map(|file| (*file).to_owned()));
        }
        selected.retain(|one| !one.files.is_empty());
        Ok(selected)
    }

    /// The files, as cargo-mutants takes them.
    pub fn globs(&self) -> impl Iterator<Item = String> {
        self.files().map(|file| if file.ends_with('/') { format!("{file}**") } else { file.to_owned() })
    }

    /// Whether this file is mutated.
    pub fn holds(&self, file: &str) -> bool {
        self.files().any(|one| is_in(file, one))
    }

    fn files(&self) -> impl Iterator<Item = &str> {
        let all = if self.files.is_empty() { self.group.files } else { &[] };
        all.iter().copied().chain(self.files.iter().map(String::as_str))
    }
}

impl Group {
    fn holds(&self, file: &str) -> bool {
        self.files.iter().any(|one| is_in(file, one))
    }
}

fn is_in(file: &str, one: &str) -> bool {
    file == one || (one.ends_with('/') && file.starts_with(one))
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
    format!("`{name}` is neither an option, nor a group, nor a file of one; the groups are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::root;

    #[test]
    fn each_group_holds_files_that_exist() {
        for file in GROUPS.iter().flat_map(|group| group.files) {
            assert!(root().join(file).exists(), "{file}");
        }
    }

    #[test]
    fn a_file_stands_for_its_part_of_a_group() {
        let selected = Selected::named(&["src/json/path.rs", "guard", "src/json/scalar.rs"]).unwrap();
        let globs: Vec<Vec<_>> = selected.iter().map(|one| one.globs().collect()).collect();
        assert_eq!(globs, [vec!["src/json/path.rs", "src/json/scalar.rs"], vec!["src/sender/http/**"]]);
        assert!(selected[0].holds("src/json/path.rs") && !selected[0].holds("src/json/mod.rs"));
        assert!(Selected::named(&["src/lib.rs"]).is_err_and(|error| error.to_string().contains("`src/lib.rs`")));
    }
}
