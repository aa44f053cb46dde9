/// What can be fuzzed; tests/fuzz/src/targets has a file for each.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// A file in tests/fuzz/dictionaries.
    pub dictionary: Option<&'static str>,
    /// How many inputs of its own are kept at most.
    pub kept: usize,
}

const HEADER: Option<&str> = Some("header");
const JSON: Option<&str> = Some("json");

pub const TARGETS: [Target; 8] = [
    Target { name: "header", dictionary: HEADER, kept: 200 },
    Target { name: "verify", dictionary: HEADER, kept: 200 },
    Target { name: "canonical", dictionary: JSON, kept: 200 },
    Target { name: "json", dictionary: JSON, kept: 200 },
    Target { name: "diagnose", dictionary: HEADER, kept: 200 },
    Target { name: "address", dictionary: None, kept: 200 },
    // Each input is an event that a worker sends, with a database.
    Target { name: "outbox", dictionary: JSON, kept: 60 },
    Target { name: "cli", dictionary: JSON, kept: 200 },
];

/// Hides a fault that must be found.
pub const CONTROL: Target = Target { name: "control", dictionary: None, kept: 0 };

pub fn named(name: &str) -> Option<Target> {
    TARGETS.into_iter().chain([CONTROL]).find(|target| target.name == name)
}
