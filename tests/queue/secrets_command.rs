//! `dealix-sender` and the key that secrets are sealed with.

use crate::faults::worker::{SENDER, run_as, succeeded};
use crate::support::receiver::SECRET;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection, raw_sql};
use std::process::{Command, Output};
use tempfile::TempDir;

const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";
const NEWER_KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
const ADD: [&str; 6] = ["subscriptions", "add", "--customer", "cus_1", "--to", "https://example.com/hook"];

/// An empty queue in its own folder.
struct Operator(TempDir);

impl Operator {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Runs the command with this key, or with none if it is empty.
    fn run(&self, key: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(SENDER);
        command.env("DEALIX_WEBHOOK_SECRET", SECRET).env_remove("DEALIX_SECRETS_KEY");
        if !key.is_empty() {
            command.env("DEALIX_SECRETS_KEY", key);
        }
        let output = run_as(command, &self.url(), arguments);
        let shown = format!("{output:?}");
        for secret in [SECRET, KEY, NEWER_KEY] {
            assert!(!shown.contains(secret), "{shown}");
        }
        output
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("queue.db").display())
    }

    fn status(&self, key: &str) -> Value {
        let status = succeeded(self.run(key, &["secrets", "status", "--json"]));
        serde_json::from_str(&status).expect("JSON")
    }
}

fn error(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn warning(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_key_that_is_none_is_refused_with_the_reason() {
    let operator = Operator::new();
    for (key, reason) in [
        ("abc", "DEALIX_SECRETS_KEY: key 1 has 3 characters, and a key has 64 hex digits"),
        (&KEY.replace('f', "g"), "key 1 holds something else than hex digits"),
        (&format!("{KEY} {}", &KEY[..63]), "key 2 has 63 characters"),
        (&"00".repeat(32), "anyone can guess key 1"),
        (" ", "there is no key; `openssl rand -hex 32` makes one"),
    ] {
        let refused = error(&operator.run(key, &ADD));
        assert!(refused.contains(reason), "{refused}");
    }
}

#[test]
fn without_a_key_the_command_says_that_secrets_lie_in_clear() {
    let operator = Operator::new();
    let added = operator.run("", &ADD);
    assert!(warning(&added).contains("secrets lie in clear in the database; set DEALIX_SECRETS_KEY"), "{added:?}");
    let id = listed_id(&operator);
    let update = |more: &[&str]| warning(&operator.run("", &[&["subscriptions", "update", &id], more].concat()));
    assert_eq!(update(&["--note", "x", "--no-headers"]), "", "it stores no secret");
    assert!(update(&["--header-env", "Authorization=DEALIX_WEBHOOK_SECRET"]).contains("secrets lie in clear"));
    let works = operator.run("", &["work", "--until-idle"]);
    assert!(warning(&works).contains("secrets lie in clear"), "{works:?}");
    let works = operator.run(KEY, &["work", "--until-idle"]);
    assert!(warning(&works).contains("the secrets of 1 subscription lie in clear"), "{works:?}");
    succeeded(operator.run(KEY, &["secrets", "rekey"]));
    let works = operator.run(KEY, &["work", "--until-idle"]);
    assert!(!warning(&works).contains("in clear"), "{works:?}");
}

#[test]
fn a_worker_without_the_key_refuses_to_work() {
    let operator = Operator::new();
    succeeded(operator.run(KEY, &ADD));
    for key in ["", NEWER_KEY] {
        let refused = error(&operator.run(key, &["work", "--until-idle"]));
        assert!(refused.contains("which DEALIX_SECRETS_KEY does not hold: add it there"), "{refused}");
        let listed = succeeded(operator.run(key, &["subscriptions", "list"]));
        assert!(listed.contains("locked by key"), "{listed}");
        let rotated = error(&operator.run(key, &["subscriptions", "rotate-secret", &listed_id(&operator)]));
        assert!(rotated.contains("which this program does not have (DEALIX_SECRETS_KEY)"), "{rotated}");
    }
    assert!(error(&operator.run("", &["secrets", "rekey"])).contains("there is no key to seal the secrets with"));
    succeeded(operator.run(KEY, &["work", "--until-idle"]));
}

fn listed_id(operator: &Operator) -> String {
    let listed = succeeded(operator.run("", &["subscriptions", "list", "--json"]));
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    listed[0]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn rekeying_moves_everything_to_the_first_key() {
    let operator = Operator::new();
    succeeded(operator.run("", &ADD));
    succeeded(operator.run(KEY, &ADD));
    let sealed = operator.status(KEY);
    assert_eq!((&sealed["clear"], &sealed["locked"]), (&json!(1), &json!({})));
    let key_id = sealed["current_key"].as_str().expect("an id");
    assert_eq!(sealed["sealed"], json!({ key_id: 1 }));

    let partly = operator.run(NEWER_KEY, &["secrets", "rekey"]);
    assert!(
        error(&partly)
            .contains("the secrets of 1 subscription are sealed with a key that DEALIX_SECRETS_KEY does not hold")
    );
    let both = format!("{NEWER_KEY},{KEY}");
    let printed = succeeded(operator.run(&both, &["secrets", "rekey"]));
    assert_eq!(printed, "sealed: the secrets of 1 subscription; 1 was sealed with this key before\n");
    let printed = succeeded(operator.run(NEWER_KEY, &["secrets", "rekey", "--json"]));
    let printed: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(printed, json!({ "resealed": 0, "unchanged": 2, "locked": 0, "damaged": [], "scrubbed": true }));
    succeeded(operator.run(NEWER_KEY, &["work", "--until-idle"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_were_changed_are_named_and_keep_nothing_else_from_working() {
    let operator = Operator::new();
    let id = succeeded(operator.run(KEY, &ADD)).trim().to_owned();
    let change = "UPDATE dealix_subscriptions SET secrets = replace(secrets, '\"sealed\":\"', '\"sealed\":\"00')";
    let mut connection = SqliteConnection::connect(&operator.url()).await.expect("a connection");
    raw_sql(change).execute(&mut connection).await.expect("changed");
    let whole = succeeded(operator.run(KEY, &ADD)).trim().to_owned();
    let named = format!("warning: {id} cannot be read: the secrets of {id} were changed");
    let started = warning(&operator.run(KEY, &["work", "--until-idle"]));
    assert!(started.contains(&named) && started.contains("its deliveries wait"), "{started}");

    let partly = |arguments: &[&str]| {
        let output = operator.run(KEY, arguments);
        assert!(error(&output).contains(&named), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&partly(&[arguments, &["--json"]].concat())).expect("JSON")
    };
    assert!(partly(&["subscriptions", "list"]).contains(&whole));
    let listed = json(&["subscriptions", "list"]);
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["id"]), (Some(1), &json!(whole)));
    assert!(partly(&["secrets", "status"]).contains("the current one: 1 subscription"));
    assert_eq!(json(&["secrets", "status"])["damaged"][0]["id"], id);
    assert!(partly(&["secrets", "rekey"]).contains("0 subscriptions; 1 was sealed with this key before"));
    assert_eq!(json(&["secrets", "rekey"])["damaged"][0]["id"], id);
    let diagnosis = operator.run(KEY, &["doctor", "--resolve", "localhost"]);
    assert!(String::from_utf8_lossy(&diagnosis.stdout).contains(&format!("{id} cannot be read")), "{diagnosis:?}");

    succeeded(operator.run(KEY, &["enqueue", "--type", "t", "--customer", "cus_1"]));
    assert_eq!(succeeded(operator.run(KEY, &["deliveries"])).lines().count(), 3);
    succeeded(operator.run(KEY, &["subscriptions", "remove", &id]));
    succeeded(operator.run(KEY, &["subscriptions", "list"]));
}
