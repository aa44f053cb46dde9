//! `dealix-sender` as an operator meets it: what it prints, what it refuses, and that it shows no secret.
#![cfg(feature = "cli")]

mod support;

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use support::receiver::Receiver;
use tempfile::TempDir;

const SECRET: &str = "whsec_never_shown";
const ENDPOINT: &str = "https://example.com/hook";

/// An empty queue in a folder of its own.
struct Operator(TempDir);

impl Operator {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dealix-sender"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env_remove("DEALIX_DATABASE").env_remove("DEALIX_WEBHOOK_SECRET").env_remove("DEALIX_LOG");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("dealix-sender runs");
        assert!(!format!("{output:?}").contains(SECRET), "a secret was printed");
        output
    }

    fn run_with_secret(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).env("DEALIX_WEBHOOK_SECRET", SECRET).output().expect("dealix-sender runs");
        assert!(!format!("{output:?}").contains(SECRET), "a secret was printed");
        output
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("dealix-sender starts");
        // It may have ended without reading: what is tested is what it says.
        let _ = process.stdin.take().expect("its input").write_all(input.as_bytes());
        process.wait_with_output().expect("dealix-sender ends")
    }

    fn subscribe(&self) -> String {
        let output = self.run_with_secret(&["subscriptions", "add", "--customer", "cus_1", "--to", ENDPOINT]);
        stdout(&output).trim().to_owned()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        serde_json::from_str(&stdout(&output)).expect("JSON")
    }
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[test]
fn a_secret_comes_from_the_environment_or_from_the_first_line_of_standard_input() {
    let operator = Operator::new();
    let add = ["subscriptions", "add", "--customer", "cus_1", "--to", ENDPOINT];
    operator.subscribe();
    for input in [SECRET.to_owned(), format!("{SECRET}\n"), format!("{SECRET}\r\n")] {
        let output = operator.run_with_input(&add, &input);
        assert!(stdout(&output).starts_with("sub_"), "{output:?}");
    }
    assert!(refusal(&operator.run(&add)).contains("no secret: set DEALIX_WEBHOOK_SECRET"));
    for (input, reason) in [
        (" padded\n", "white space"),
        ("whsec_a\nwhsec_b\n", "line break"),
        ("'whsec_quoted'\n", "quotes"),
        ("whsec\0nul\n", "control character"),
    ] {
        assert!(refusal(&operator.run_with_input(&add, input)).contains(reason), "{input:?}");
    }
}

#[test]
fn what_is_listed_is_a_table_for_people_and_json_for_programs() {
    let operator = Operator::new();
    let id = operator.subscribe();
    stdout(&operator.run(&["enqueue", "--type", "deal.won", "--customer", "cus_1", "--data", r#"{"amount":1}"#]));

    let table = stdout(&operator.run(&["subscriptions", "list"]));
    assert!(table.contains(&id) && table.contains(ENDPOINT) && table.contains("enabled"), "{table}");
    let listed = operator.json(&["subscriptions", "list", "--json"]);
    assert_eq!((&listed[0]["id"], &listed[0]["active_secrets"]), (&id.into(), &1.into()));

    let delivery = operator.json(&["deliveries", "--json"])[0].clone();
    let table = stdout(&operator.run(&["deliveries"]));
    assert!(table.contains(delivery["delivery_id"].as_str().expect("an id")) && table.contains("pending"), "{table}");
    let shown = operator.json(&["deliveries", delivery["delivery_id"].as_str().expect("an id"), "--json"]);
    assert_eq!((&shown["delivery"], &shown["attempts"]), (&delivery, &Value::Array(Vec::new())));
    assert_eq!(operator.json(&["dead-letters", "--json"]), Value::Array(Vec::new()));
}

#[test]
fn an_event_may_be_enqueued_again_under_its_id() {
    let operator = Operator::new();
    operator.subscribe();
    let enqueue = ["enqueue", "--type", "deal.won", "--customer", "cus_1", "--id", "evt_1"];
    assert!(stdout(&operator.run(&enqueue)).contains("evt_1 queued for 1 subscription"));
    assert!(stdout(&operator.run(&enqueue)).contains("evt_1 was queued before"));
    assert_eq!(operator.json(&["deliveries", "--json"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn a_secret_that_anyone_can_guess_is_refused_with_what_it_is() {
    let operator = Operator::new();
    let id = operator.subscribe();
    let send = ["send", "--to", ENDPOINT, "--type", "deal.won", "--customer", "cus_1"];
    let add = ["subscriptions", "add", "--customer", "cus_1", "--to", ENDPOINT];
    for arguments in [&send[..], &add, &["subscriptions", "rotate-secret", &id]] {
        for (secret, what) in
            [("undefined", "unset variable"), ("${NAME}", "placeholder"), ("whsec_", "nothing after it")]
        {
            let message = refusal(&operator.run_with_input(arguments, secret));
            assert!(message.contains(what) && message.contains("anyone can guess it"), "{message}");
        }
    }
}

#[test]
fn a_rotated_secret_signs_beside_the_old_one_and_a_disabled_subscription_gets_nothing() {
    let operator = Operator::new();
    let id = operator.subscribe();
    let rotated = operator.run_with_input(&["subscriptions", "rotate-secret", &id, "--json"], "whsec_new\n");
    let rotated: Value = serde_json::from_str(&stdout(&rotated)).expect("JSON");
    assert_eq!(rotated["active_secrets"], 2);

    stdout(&operator.run(&["subscriptions", "disable", &id]));
    let enqueued = stdout(&operator.run(&["enqueue", "--type", "deal.won", "--customer", "cus_1"]));
    assert!(enqueued.contains("no enabled subscription wants it"), "{enqueued}");
    stdout(&operator.run(&["subscriptions", "enable", &id]));
    assert_eq!(operator.json(&["subscriptions", "list", "--json"])[0]["enabled"], true);
}

#[test]
fn what_cannot_be_done_is_refused_with_what_to_do() {
    let operator = Operator::new();
    operator.subscribe();
    let cases: [(&[&str], &str); 15] = [
        (&["replay", "dlv_unknown"], "there is no delivery dlv_unknown"),
        (&["deliveries", "dlv_unknown"], "there is no delivery dlv_unknown"),
        (&["subscriptions", "disable", "sub_unknown"], "there is no subscription sub_unknown"),
        (&["subscriptions", "add", "--customer", "c", "--to", "http://127.0.0.1/"], "--local"),
        (&["subscriptions", "add", "--customer", "c", "--to", "https://10.0.0.1/"], "--allow-network"),
        (&["subscriptions", "add", "--customer", "c", "--to", "https://u:p@example.com/"], "user name or password"),
        (&["enqueue", "--type", "t", "--customer", "c", "--id", ""], "--id"),
        (&["enqueue", "--type", "deal\nwon", "--customer", "c"], "event_type is empty or holds characters"),
        (&["enqueue", "--type", "t", "--customer", "c", "--id", "évt"], "event_id is empty or holds characters"),
        (&["work", "--timeout", "0s"], "--timeout"),
        (&["enqueue", "--type", "t", "--customer", "c", "--data", "{"], "--data is not JSON"),
        (&["enqueue", "--type", "t", "--customer", "c", "--data", "[]"], "--data is not a JSON object"),
        (&["enqueue", "--type", "t", "--customer", "c", "--data", "@missing.json"], "missing.json"),
        (&["--database", "mysql://host/", "deliveries"], "must begin with one of sqlite:"),
        (&["deliveries", "--since", "yesterday"], "2026-11-24T12:00:00Z"),
    ];
    for (arguments, hint) in cases {
        let message = refusal(&operator.run(arguments));
        assert!(message.contains(hint), "{arguments:?}: {message}");
    }
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    let operator = Operator::new();
    for database in ["postgres://user:hunter2@127.0.0.1:1/db", "redis://:hunter2@127.0.0.1:1/"] {
        let message = refusal(&operator.run(&["--database", database, "deliveries"]));
        assert!(message.contains("DEALIX_DATABASE") && !message.contains("hunter2"), "{message}");
        let output = operator.command(&["deliveries"]).env("DEALIX_DATABASE", database).output().expect("it runs");
        let message = refusal(&output);
        assert!(message.contains("cannot be reached") && !message.contains("hunter2"), "{message}");
    }
}

#[test]
fn what_came_from_elsewhere_does_not_steer_the_terminal() {
    let operator = Operator::new();
    let customer = "cus\u{1b}[2J";
    let add = ["subscriptions", "add", "--customer", customer, "--to", ENDPOINT];
    stdout(&operator.run_with_secret(&add));
    assert!(!stdout(&operator.run(&["subscriptions", "list"])).contains('\u{1b}'));
    let unknown = operator.run(&["replay", "dlv\u{1b}]0;x"]);
    assert!(!refusal(&unknown).contains('\u{1b}'), "{unknown:?}");
}

#[test]
fn what_only_looks_makes_no_queue_where_none_is() {
    let operator = Operator::new();
    for arguments in [&["deliveries"][..], &["dead-letters"], &["subscriptions", "list"], &["replay", "dlv_1"]] {
        let message = refusal(&operator.run(arguments));
        assert!(message.contains("DEALIX_DATABASE") && message.contains("dealix-queue.db"), "{message}");
    }
    assert!(!operator.0.path().join("dealix-queue.db").exists());
    let message = refusal(&operator.run(&["--database", "sqlite::memory:", "work", "--until-idle"]));
    assert!(message.contains("lost with the process"), "{message}");
}

#[test]
fn a_subscription_gets_the_events_it_asked_for_and_lists_are_narrowed() {
    let operator = Operator::new();
    for (customer, event) in [("cus_1", "deal.won"), ("cus_2", "deal.lost")] {
        let add = ["subscriptions", "add", "--customer", customer, "--to", ENDPOINT, "--event", event];
        stdout(&operator.run_with_secret(&add));
    }
    for (customer, event) in [("cus_1", "deal.won"), ("cus_1", "deal.lost"), ("cus_2", "deal.lost")] {
        stdout(&operator.run(&["enqueue", "--type", event, "--customer", customer]));
    }
    let count = |arguments: &[&str]| operator.json(&[arguments, &["--json"]].concat()).as_array().map_or(0, Vec::len);
    assert_eq!(count(&["deliveries"]), 2);
    assert_eq!(count(&["deliveries", "--customer", "cus_2"]), 1);
    assert_eq!(count(&["deliveries", "--state", "delivered"]), 0);
    assert_eq!(count(&["deliveries", "--limit", "1"]), 1);
    assert_eq!(count(&["deliveries", "--since", "1h"]), 2);
    assert_eq!(count(&["deliveries", "--since", "2199-01-01T00:00:00Z"]), 0);
}

#[test]
fn a_reader_that_leaves_early_is_no_panic() {
    let operator = Operator::new();
    operator.subscribe();
    let mut command = operator.command(&["subscriptions", "list"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dealix-sender starts");
    drop(process.stdout.take());
    let output = process.wait_with_output().expect("dealix-sender ends");
    assert!(output.stderr.is_empty(), "{output:?}");

    // Nor is a log that nobody reads: the work goes on.
    let mut command = operator.command(&["work", "--until-idle"]);
    command.env("DEALIX_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("dealix-sender starts");
    drop(process.stderr.take());
    let output = process.wait_with_output().expect("dealix-sender ends");
    assert!(stdout(&output).starts_with("0 delivered"), "{output:?}");
}

#[test]
#[cfg(unix)]
fn the_queues_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let operator = Operator::new();
    operator.subscribe();
    for file in ["dealix-queue.db", "dealix-queue.db-wal"] {
        let Ok(metadata) = std::fs::metadata(operator.0.path().join(file)) else { continue };
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
    assert!(operator.0.path().join("dealix-queue.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn send_delivers_one_event_now_and_its_exit_code_says_whether_it_arrived() {
    let receiver = Receiver::with_secrets([SECRET], |received| if received.path == "/up" { 204 } else { 503 }).await;
    let operator = Operator::new();
    let data = operator.0.path().join("deal.json");
    std::fs::write(&data, r#"{"amount":12.50}"#).expect("a file");
    let send = |path: &str| {
        let url = receiver.url(path);
        let data = format!("@{}", data.display());
        operator.run_with_secret(&[
            "send",
            "--to",
            &url,
            "--type",
            "deal.won",
            "--customer",
            "c",
            "--data",
            &data,
            "--local",
            "--json",
        ])
    };
    let sent: Value = serde_json::from_str(&stdout(&send("/up"))).expect("JSON");
    assert_eq!((&sent["success"], &sent["status_code"]), (&true.into(), &204.into()));
    let received = receiver.received();
    assert_eq!(sent["event_id"], received[0].event_id);
    assert!(received[0].body.windows(13).any(|bytes| bytes == br#"{"amount":12."#));
    assert_eq!(send("/down").status.code(), Some(1));

    let both = operator
        .run_with_input(&["send", "--to", ENDPOINT, "--type", "deal.won", "--customer", "c", "--data", "-"], "{}");
    assert!(refusal(&both).contains("standard input cannot be both"), "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(unix)]
async fn an_interrupt_lets_the_worker_finish_and_the_second_ends_it_at_once() {
    use std::os::unix::process::ExitStatusExt;
    for (signals, code, arrives) in [(&["INT"][..], 0, true), (&["TERM"], 0, true), (&["INT", "INT"], 130, false)] {
        let (begun, beginning) = std::sync::mpsc::channel();
        let receiver = Receiver::with_secrets([SECRET], move |_| {
            // The test has ended where nobody listens.
            let _ = begun.send(());
            std::thread::sleep(std::time::Duration::from_millis(700));
            204
        })
        .await;
        let operator = Operator::new();
        let url = receiver.url("/slow");
        stdout(&operator.run_with_secret(&["subscriptions", "add", "--customer", "c", "--to", &url, "--local"]));
        stdout(&operator.run(&["enqueue", "--type", "t", "--customer", "c"]));
        let mut command = operator.command(&["work", "--local"]);
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dealix-sender starts");
        beginning.recv_timeout(std::time::Duration::from_secs(30)).expect("an attempt begins");
        for signal in signals {
            let kill = Command::new("kill").args([&format!("-{signal}"), &process.id().to_string()]).status();
            assert!(kill.expect("kill").success());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let output = process.wait_with_output().expect("dealix-sender ends");
        assert_eq!((output.status.code(), output.status.signal()), (Some(code), None), "{signals:?}: {output:?}");
        let state = operator.json(&["deliveries", "--json"])[0]["state"].clone();
        assert_eq!(state, if arrives { "delivered" } else { "pending" }, "{signals:?}");
    }
}
