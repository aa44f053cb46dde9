//! `dealix-sender subscriptions`: changing, showing, pinging and removing an endpoint.

use crate::faults::worker::{SENDER, run_as, succeeded};
use crate::support::receiver::{Receiver, SECRET};
use serde_json::{Value, json};
use std::process::{Command, Output};
use tempfile::TempDir;

const ENDPOINT: &str = "https://example.com/hook";
const TOKEN: &str = "Bearer never-shown";

/// An empty queue in its own folder.
struct Operator(TempDir);

impl Operator {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(SENDER);
        command.env("CRM_TOKEN", TOKEN).env("TENANT", "7").env("EMPTY", "").env("BROKEN", "never-shown\r\nA: b");
        let url = format!("sqlite://{}", self.0.path().join("queue.db").display());
        let output = run_as(command, &url, arguments);
        let shown = format!("{output:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("never-shown"), "{shown}");
        output
    }

    fn text(&self, arguments: &[&str]) -> String {
        succeeded(self.run(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).expect("JSON")
    }

    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).expect("text")
    }

    fn add(&self, to: &str, more: &[&str]) -> String {
        let add = ["subscriptions", "add", "--customer", "cus_1", "--to", to];
        self.text(&[&add, more].concat()).trim().to_owned()
    }

    fn update(&self, id: &str, more: &[&str]) -> Value {
        self.json(&[&["subscriptions", "update", id], more].concat())
    }
}

#[test]
fn an_update_changes_what_it_names_and_shows_no_header_value() {
    let operator = Operator::new();
    let settings = ["--header-env", "X-Tenant=TENANT", "--note", "asked for few", "--max-per-second", "5"];
    let id = operator.add(ENDPOINT, &[&settings[..], &["--event", "deal.won"]].concat());
    let listed = operator.json(&["subscriptions", "list", "--customer", "cus_1"])[0].clone();
    let settings_of = |shown: &Value| {
        ["endpoint_url", "events", "headers", "note", "max_per_second"].map(|field| shown[field].clone())
    };
    let added = [json!(ENDPOINT), json!(["deal.won"]), json!(["X-Tenant"]), json!("asked for few"), json!(5)];
    assert_eq!(settings_of(&listed), added);

    let moved = operator.text(&["subscriptions", "update", &id, "--to", "https://example.com/moved"]);
    assert!(moved.starts_with(&format!("{id} is updated; pending deliveries go to the new endpoint")), "{moved}");
    let headers = ["--header-env", "Authorization=CRM_TOKEN", "--header-env", "X-Tenant=TENANT"];
    let updated = operator.update(&id, &[&headers[..], &["--all-events", "--max-per-second", "9"]].concat());
    assert_eq!(updated["headers"], json!(["Authorization", "X-Tenant"]));
    assert_eq!((&updated["events"], &updated["max_per_second"]), (&json!([]), &json!(9)));
    assert_eq!(updated["note"], "asked for few");
    let updated = operator.update(&id, &["--no-headers", "--no-note", "--no-max-per-second"]);
    let none = [json!("https://example.com/moved"), json!([]), json!([]), Value::Null, Value::Null];
    assert_eq!(settings_of(&updated), none);
}

#[test]
fn a_change_that_is_refused_says_why_and_changes_nothing() {
    let operator = Operator::new();
    let id = operator.add(ENDPOINT, &[]);
    let before = operator.json(&["subscriptions", "list"]);
    let cases: [(&[&str], &str); 15] = [
        (&[], "nothing to change: name at least one of --to, --event"),
        (&["--local"], "nothing to change"),
        (&["--to", "http://127.0.0.1/"], "--local"),
        (&["--to", "https://10.0.0.1/"], "--allow-network"),
        (&["--to", "https://u:p@example.com/"], "user name or password"),
        (&["--event", "t", "--all-events"], "cannot be used with '--all-events'"),
        (&["--note", "n", "--no-note"], "cannot be used with '--no-note'"),
        (&["--note", ""], "--note"),
        (&["--max-per-second", "0"], "0 is not in 1.."),
        (&["--header-env", "Authorization=Bearer never-shown"], "the environment variable with its value"),
        (&["--header-env", "CRM_TOKEN"], "Authorization=CRM_TOKEN"),
        (&["--header-env", "A=NOT_SET"], "the environment variable for A is not set"),
        (&["--header-env", "A=EMPTY"], "the environment variable for A is empty"),
        (&["--header-env", "A=BROKEN"], "the value of the header A holds characters that a header cannot carry"),
        (&["--header-env", "dealix-signature=TENANT"], "is the sender's own and cannot be replaced"),
    ];
    for (arguments, hint) in cases {
        let message = operator.refusal(&[&["subscriptions", "update", &id], arguments].concat());
        assert!(message.contains(hint), "{arguments:?}: {message}");
        assert_eq!(operator.json(&["subscriptions", "list"]), before, "{arguments:?}");
    }
    for command in ["show", "ping", "remove"] {
        let message = operator.refusal(&["subscriptions", command, "sub_unknown"]);
        assert!(message.contains("there is no subscription sub_unknown"), "{command}: {message}");
    }
    let message = operator.refusal(&["enqueue", "--type", "dealix.ping", "--customer", "cus_1"]);
    assert!(message.contains("the event type dealix.ping is the sender's own; give the event another"), "{message}");
    let none = operator.text(&["subscriptions", "list", "--customer", "cus_2"]);
    assert_eq!(none, "no subscriptions of the customer cus_2; `dealix-sender subscriptions add` registers one\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_shown_with_what_happened_lately() {
    let receiver = Receiver::start(|received| if received.path == "/up" { 204 } else { 503 }).await;
    let operator = Operator::new();
    let more =
        ["--local", "--header-env", "Authorization=CRM_TOKEN", "--note", "a \u{1b}[2Jnote", "--max-per-second", "5"];
    let id = operator.add(&receiver.url("/up"), &more);
    let show = ["subscriptions", "show", &id];
    let new = operator.text(&show);
    for line in
        ["last success: none", "last failure: none", "last hour:    no attempts", "pending:      0, 0 of them due"]
    {
        assert!(new.contains(line), "{line}: {new}");
    }
    let work = ["work", "--local", "--until-idle"];
    let enqueue = ["enqueue", "--type", "t", "--customer", "cus_1"];
    operator.text(&enqueue);
    operator.text(&work);
    assert_eq!(receiver.received()[0].headers["authorization"], TOKEN);
    operator.update(&id, &["--to", &receiver.url("/down"), "--local"]);
    operator.text(&enqueue);
    operator.text(&work);

    let shown = operator.text(&show);
    for part in [
        "state:        enabled, failing since",
        ", last tried 20",
        "secrets:      1, stored in clear",
        "headers:      Authorization",
        "rate:         at most 5 attempts a second, by each worker",
        "note:         a \u{fffd}[2Jnote",
        "pending:      1, 0 of them due; the oldest since 20",
        ", answered 204 (dlv_",
        ", answered 503 (dlv_",
        "last hour:    1 of 2 attempts delivered (50 %), half of them within ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = operator.json(&show);
    assert_eq!((&shown["subscription"]["id"], &shown["activity"]["pending"]), (&json!(id), &json!(1)));
    assert_eq!(shown["activity"]["last_hour"]["successes"], 1);
    assert_eq!(shown["activity"]["last_failure"]["status_code"], 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_tells_the_whole_story_and_its_exit_code_the_outcome() {
    let receiver = Receiver::start(|received| if received.path == "/up" { 204 } else { 503 }).await;
    let operator = Operator::new();
    let id = operator.add(&receiver.url("/up"), &["--local"]);
    let ping = ["subscriptions", "ping", &id, "--local"];
    let up = operator.text(&ping);
    assert!(up.contains("dealix.ping: delivered, answered 204 in ") && up.contains("first byte "), "{up}");
    let up = operator.json(&ping);
    assert_eq!((&up["success"], &up["status_code"], &up["customer_id"]), (&json!(true), &json!(204), &json!("cus_1")));
    assert!(up["first_byte_ms"].is_u64(), "{up}");
    let received = receiver.received();
    assert_eq!((received.len(), &up["event_id"]), (2, &json!(received[1].event_id)));

    let refused = operator.run(&ping[..3]);
    let text = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(text.contains("not delivered, no response") && text.contains("--local"), "{refused:?}");
    assert_eq!((refused.status.code(), receiver.count()), (Some(1), 2), "the guard applies: {text}");

    operator.update(&id, &["--to", &receiver.url("/down"), "--local"]);
    let down = operator.run(&ping);
    assert_eq!(down.status.code(), Some(1), "{down:?}");
    assert!(String::from_utf8_lossy(&down.stdout).contains("not delivered, answered 503"), "{down:?}");
    assert_eq!(operator.json(&["deliveries"]), json!([]), "nothing is recorded");
}

#[test]
fn a_removal_says_what_becomes_of_pending_deliveries() {
    let operator = Operator::new();
    let id = operator.add(ENDPOINT, &[]);
    operator.text(&["enqueue", "--type", "t", "--customer", "cus_1"]);
    let removed = operator.text(&["subscriptions", "remove", &id]);
    assert_eq!(removed, format!("{id} is removed; 1 pending delivery becomes a dead letter\n"));
    assert_eq!(operator.json(&["subscriptions", "list"]), json!([]));
    assert_eq!(operator.json(&["work", "--until-idle"])["dead_letters"], 1);

    let delivery = operator.json(&["deliveries", "--subscription", &id])[0]["delivery_id"].clone();
    let delivery = delivery.as_str().expect("an id");
    assert!(operator.text(&["deliveries", delivery]).contains("the subscription was removed"));
    let message = operator.refusal(&["replay", delivery]);
    assert!(message.contains(&format!("the subscription {id} was removed; its deliveries can be read")), "{message}");
    let other = operator.add(ENDPOINT, &[]);
    let nothing = operator.json(&["subscriptions", "remove", &other]);
    assert_eq!(nothing, json!({"id": other, "pending": 0}));
}
