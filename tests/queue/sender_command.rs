//! `dealix-sender` as an operator sees it: what it prints, what it refuses, and that it shows no secret.

use crate::command::{ENDPOINT, Operator, SECRET, refusal, stdout};
use crate::support::receiver::Receiver;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

#[test]
fn a_secret_is_read_from_the_environment_or_from_standard_input() {
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
fn lists_are_tables_for_people_and_json_for_programs() {
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
fn an_event_may_be_enqueued_again_with_the_same_id() {
    let operator = Operator::new();
    operator.subscribe();
    let enqueue = ["enqueue", "--type", "deal.won", "--customer", "cus_1", "--id", "evt_1"];
    assert!(stdout(&operator.run(&enqueue)).contains("evt_1 queued for 1 subscription\n"));
    assert!(stdout(&operator.run(&enqueue)).contains("evt_1 was queued before"));
    assert_eq!(operator.json(&["deliveries", "--json"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn a_guessable_secret_is_refused_with_the_reason() {
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
fn secrets_can_be_rotated_and_subscriptions_disabled() {
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
fn a_refusal_says_what_to_do() {
    let operator = Operator::new();
    operator.subscribe();
    let cases: [(&[&str], &str); 26] = [
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
        (&["--database", "mysql://host/", "deliveries"], "must begin with sqlite:"),
        (&["deliveries", "--since", "yesterday"], "2026-11-24T12:00:00Z"),
        (&["deliveries", "--count", "--limit", "3"], "'--count' cannot be used with '--limit <N>'"),
        (&["replay"], "--subscription <ID>|--customer <ID>|--event <ID>|--since <TIME>|--all"),
        (&["replay", "--state", "delivered"], "required arguments were not provided"),
        (&["replay", "--all", "--state", "gone"], "a delivery's state must be pending, delivered or dead_letter"),
        (&["replay", "--all", "--customer", "c"], "'--all' cannot be used with '--customer <ID>'"),
        (&["replay", "dlv_1", "--dry-run"], "cannot be used with '--dry-run'"),
        (&["replay", "--all", "--per-second", "0"], "0 is not in 1.."),
        (&["subscriptions", "pause", "sub_unknown"], "there is no subscription sub_unknown"),
        (&["replay", "--subscription", "sub_unknown"], "there is no subscription sub_unknown"),
        (&["recover", "--subscription", "sub_unknown", "--since", "1h"], "there is no subscription sub_unknown"),
        (&["enqueue"], "enqueue [OPTIONS] --batch FILE"),
    ];
    for (arguments, hint) in cases {
        let message = refusal(&operator.run(arguments));
        assert!(message.contains(hint), "{arguments:?}: {message}");
    }
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_printed() {
    let operator = Operator::new();
    let database = "postgres://user:hunter2@127.0.0.1:1/db";
    let message = refusal(&operator.run(&["--database", database, "deliveries"]));
    assert!(message.contains("DEALIX_DATABASE") && !message.contains("hunter2"), "{message}");
    for command in ["deliveries", "migrate"] {
        let output = operator.command(&[command]).env("DEALIX_DATABASE", database).output().expect("it runs");
        let message = refusal(&output);
        assert!(message.contains("cannot be reached") && !message.contains("hunter2"), "{message}");
    }
}

#[test]
fn text_from_outside_cannot_control_the_terminal() {
    let operator = Operator::new();
    // Control characters, and some that reverse what follows, hide, or break the line.
    let hidden = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}'];
    let shown = "عميل 👩‍💻 ❤️";
    let customer = format!("{shown}{}[2J", hidden.iter().collect::<String>());
    let add = ["subscriptions", "add", "--customer", &customer, "--to", ENDPOINT];
    stdout(&operator.run_with_secret(&add));
    let list = stdout(&operator.run(&["subscriptions", "list"]));
    assert!(!list.contains(hidden) && list.contains(shown), "{list:?}");
    let unknown = operator.run(&["replay", &format!("dlv{}x", hidden.iter().collect::<String>())]);
    assert!(!refusal(&unknown).contains(hidden), "{unknown:?}");
}

#[test]
fn commands_that_only_read_do_not_create_a_queue() {
    let operator = Operator::new();
    for arguments in
        [&["deliveries"][..], &["dead-letters"], &["depth"], &["subscriptions", "list"], &["replay", "dlv_1"]]
    {
        let message = refusal(&operator.run(arguments));
        assert!(message.contains("DEALIX_DATABASE") && message.contains("dealix-queue.db"), "{message}");
    }
    assert!(!operator.0.path().join("dealix-queue.db").exists());
    let message = refusal(&operator.run(&["--database", "sqlite::memory:", "work", "--until-idle"]));
    assert!(message.contains("lost with the process"), "{message}");
}

#[test]
fn subscriptions_get_the_events_they_want_and_lists_can_be_filtered() {
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

    let subscription = operator.json(&["subscriptions", "list", "--json"])[1]["id"].clone();
    let subscription = subscription.as_str().expect("an id");
    assert_eq!(count(&["deliveries", "--subscription", subscription]), 1);
    assert_eq!(stdout(&operator.run(&["deliveries", "--count"])), "2\n");
    assert_eq!(operator.json(&["deliveries", "--count", "--customer", "cus_2", "--json"]), json!({"count": 1}));
    assert_eq!(stdout(&operator.run(&["dead-letters", "--count"])), "0\n");
    assert_eq!(stdout(&operator.run(&["depth"])), "2 pending, 2 of them due; 0 dead letters\n");
    assert_eq!(operator.json(&["depth", "--json"]), json!({"pending": 2, "due": 2, "dead_letters": 0, "refused": 0}));
}

#[test]
fn a_batch_is_queued_in_full() {
    let operator = Operator::new();
    let lines: String = (0..10_000)
        .map(|n| format!("{{\"type\": \"deal.won\", \"customer_id\": \"cus_1\", \"data\": {{\"n\": {n}}}, \"id\": \"evt_{n}\"}}\n"))
        .collect();
    let batch = |arguments: &[&str], input: &str| {
        operator.run_with_input(&[&["enqueue", "--batch", "-"], arguments].concat(), input)
    };
    let nobodys = stdout(&batch(&[], r#"{"type":"t","customer_id":"cus_1","data":{}}"#));
    assert_eq!(nobodys, "1 event queued for 0 deliveries; no enabled subscription wants them\n");
    operator.subscribe();
    assert_eq!(stdout(&batch(&[], &lines)), "10000 events queued for 10000 deliveries\n");

    // A file with blank lines, missing ids and times, and one event that is already known.
    let more = concat!(
        r#"{"type":"deal.won","customer_id":"cus_1","data":{"amount":12.50,"big":9007199254740993}}"#,
        "\r\n\n",
        r#"{"timestamp":1700000000,"type":"deal.won","customer_id":"cus_1","data":{},"id":"evt_0"}"#
    );
    std::fs::write(operator.0.path().join("more.jsonl"), more).expect("a file");
    let output = operator.run(&["enqueue", "--batch", "more.jsonl"]);
    assert_eq!(stdout(&output), "1 event queued for 1 delivery (1 was queued before)\n");
    let again: Value = serde_json::from_str(&stdout(&batch(&["--json"], &lines))).expect("JSON");
    assert_eq!(again, json!({"events": 0, "deliveries": 0, "duplicates": 10_000}));
    assert_eq!(stdout(&operator.run(&["deliveries", "--count"])), "10001\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_traceparent_reaches_the_receiver() {
    let receiver = Receiver::with_secrets([SECRET], |_| 204).await;
    let operator = Operator::new();
    let add = ["subscriptions", "add", "--customer", "cus_1", "--to", &receiver.url("/"), "--local"];
    stdout(&operator.run_with_secret(&add));
    let (one, two) = (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    );
    let enqueue = ["enqueue", "--type", "t", "--customer", "cus_1", "--traceparent"];
    stdout(&operator.run(&[&enqueue[..], &[one]].concat()));
    let line = format!(r#"{{"type":"t","customer_id":"cus_1","data":{{}},"traceparent":"{two}"}}"#);
    stdout(&operator.run_with_input(&["enqueue", "--batch", "-"], &line));
    assert_eq!(operator.json(&["work", "--local", "--until-idle", "--json"])["delivered"], 2);
    let received = receiver.received();
    let mut sent: Vec<_> = received.iter().map(|received| received.headers["traceparent"].as_bytes()).collect();
    sent.sort_unstable();
    assert_eq!(sent, [two.as_bytes(), one.as_bytes()]);

    let wrong = operator.run(&[&enqueue[..], &["4bf92f35"]].concat());
    assert!(refusal(&wrong).contains("the traceparent is not valid: pass it as the header has it"), "{wrong:?}");
    let wrong = operator.run_with_input(&["enqueue", "--batch", "-"], &line.replace("-00\"", "-0g\""));
    assert!(refusal(&wrong).contains("line 1: the traceparent is not valid"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_logs_each_line_is_an_object_and_holds_no_secret() {
    let receiver = Receiver::with_secrets([SECRET], |_| 503).await;
    let operator = Operator::new();
    let add = ["subscriptions", "add", "--customer", "cus_1", "--to", &receiver.url("/"), "--local"];
    stdout(&operator.run_with_secret(&add));
    let data = r#"{"text":"only-in-the-body"}"#;
    stdout(&operator.run(&["enqueue", "--type", "t", "--customer", "cus_1", "--data", data]));
    let mut work = operator.command(&["work", "--local", "--until-idle", "--log", "json"]);
    let output = work.env("DEALIX_LOG", "trace").output().expect("dealix-sender runs");
    stdout(&output);
    let log = String::from_utf8(output.stderr).expect("text");
    assert!(!log.contains(SECRET) && !log.contains("only-in-the-body"), "a secret or a body was logged");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string() && line["target"].is_string(), "{line}");
    }
    let with = |message: &str| lines.iter().find(|line| line["message"] == message).expect(message);
    let made = with("attempt made");
    assert_eq!((&made["status_code"], &made["span"]["attempt"]), (&503.into(), &1.into()), "{made}");
    assert_eq!(with("working; interrupt to finish the attempts in flight and stop")["level"], "INFO");

    let failed = operator.run(&["replay", "dlv_unknown", "--log", "json"]);
    let error: Value = serde_json::from_str(&refusal(&failed)).expect("JSON");
    assert_eq!((&error["level"], &error["message"]), (&"ERROR".into(), &"there is no delivery dlv_unknown".into()));
    assert!(refusal(&operator.run(&["replay", "dlv_unknown"])).starts_with("error: there is no delivery"));
}

#[test]
fn a_batch_with_bad_lines_is_refused_and_each_is_named() {
    let operator = Operator::new();
    operator.subscribe();
    let good = r#"{"type":"t","customer_id":"cus_1","data":{}}"#;
    let cases = [
        (r#"{"type":"t","customer_id":"c","data":{},"time":1}"#, "unknown field `time`"),
        (r#"{"type":"t","data":{}}"#, "missing field `customer_id`"),
        (r#"{"type":"t","customer_id":"","data":{}}"#, "the customer_id is empty"),
        (r#"{"type":"t","customer_id":"c","data":[]}"#, "the data is not a JSON object"),
        (r#"{"type":"t","customer_id":"c","data":{"n":NaN}}"#, "column 43: expected value"),
        (r#"{"type":"","customer_id":"c","data":{}}"#, "event_type is empty"),
        (r#"{"type":"t","customer_id":"c","data":{},"id":"évt"}"#, "event_id is empty or holds characters"),
        (r#"["t","c",{},"evt_1",1]"#, "not a JSON object"),
        ("\u{1b}[2J", "not a JSON object"),
    ];
    let mut input = format!("{good}\n");
    cases.iter().for_each(|(line, _)| input += &format!("{line}\n"));
    input += good;
    let message = refusal(&operator.run_with_input(&["enqueue", "--batch", "-"], &input));
    let mut lines = message.lines();
    for (number, (line, reason)) in (2..).zip(cases) {
        let reported = lines.next().unwrap_or_default();
        assert!(reported.starts_with(&format!("line {number}: ")) && reported.contains(reason), "{line}: {message}");
    }
    assert_eq!(lines.next(), Some("error: nothing was queued: 9 of 11 lines are not valid"), "{message}");
    assert_eq!(stdout(&operator.run(&["deliveries", "--count"])), "0\n");

    let message = refusal(&operator.run_with_input(&["enqueue", "--batch", "-"], &"nonsense\n".repeat(150)));
    assert_eq!(message.lines().count(), 102, "{message}");
    assert!(message.contains("… and 50 lines more"), "{message}");
}

#[test]
fn an_event_over_the_limit_is_refused_with_the_option_that_raises_it() {
    let operator = Operator::new();
    operator.subscribe();
    let long = format!(r#"{{"type":"t","customer_id":"cus_1","data":{{"text":"{}"}}}}"#, "x".repeat(1 << 20));
    let message = refusal(&operator.run_with_input(&["enqueue", "--batch", "-"], &format!("{long}\n{{\n")));
    assert!(message.contains("line 1: the line has more than 1048576 bytes; --max-envelope-bytes"), "{message}");
    assert!(message.contains("line 2: column 1: EOF"), "{message}");
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(1 << 20));
    let one = ["enqueue", "--type", "t", "--customer", "cus_1", "--data", "-"];
    assert!(refusal(&operator.run_with_input(&one, &data)).contains("the limit is 1048576"));

    for arguments in [&one[..], &["enqueue", "--batch", "-"]] {
        let input = if arguments.len() > 3 { &data } else { &long };
        let arguments = [arguments, &["--max-envelope-bytes", "2000000"]].concat();
        assert!(stdout(&operator.run_with_input(&arguments, input)).contains("queued for 1 "));
    }
}

#[test]
fn a_paused_subscription_is_shown_and_keeps_its_deliveries() {
    let operator = Operator::new();
    let id = operator.subscribe();
    assert!(stdout(&operator.run(&["subscriptions", "pause", &id])).starts_with(&format!("{id} is paused")));
    stdout(&operator.run(&["enqueue", "--type", "t", "--customer", "cus_1"]));
    let worked = operator.json(&["work", "--until-idle", "--json"]);
    assert_eq!((&worked["retries"], &worked["dead_letters"], &worked["pending"]), (&0.into(), &0.into(), &1.into()));
    assert!(stdout(&operator.run(&["subscriptions", "list"])).contains("paused"));
    assert_eq!(operator.json(&["subscriptions", "list", "--json"])[0]["paused"], true);
    assert!(stdout(&operator.run(&["deliveries"])).contains("when the subscription is resumed"));
    assert_eq!(operator.json(&["subscriptions", "resume", &id, "--json"]), json!({"id": id, "paused": false}));
    assert!(!stdout(&operator.run(&["deliveries"])).contains("resumed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_and_missed_events_are_counted_and_delivered_again() {
    let receiver = Receiver::with_secrets([SECRET], |received| if received.path == "/gone" { 400 } else { 204 }).await;
    let operator = Operator::new();
    let subscribe = |customer: &str, path: &str| {
        let url = receiver.url(path);
        let add = ["subscriptions", "add", "--customer", customer, "--to", &url, "--local"];
        stdout(&operator.run_with_secret(&add)).trim().to_owned()
    };
    let (gone, up) = (subscribe("cus_1", "/gone"), subscribe("cus_2", "/up"));
    let enqueue = |customer: &str| {
        stdout(&operator.run(&["enqueue", "--type", "t", "--customer", customer]));
    };
    let work = || operator.json(&["work", "--local", "--until-idle", "--json", "--lease", "5s"]);
    (0..3).for_each(|_| enqueue("cus_1"));
    enqueue("cus_2");
    assert_eq!((&work()["delivered"], stdout(&operator.run(&["dead-letters", "--count"]))), (&1.into(), "3\n".into()));

    // By filter: first only counted, then replayed.
    let replay = |arguments: &[&str]| stdout(&operator.run(&[&["replay"], arguments].concat()));
    assert_eq!(replay(&["--subscription", &gone, "--dry-run"]), "3 deliveries would be replayed\n");
    assert_eq!(replay(&["--customer", "cus_2"]), "0 deliveries will be replayed\n");
    assert_eq!(replay(&["--all", "--state", "delivered"]), "1 delivery will be replayed\n");
    assert_eq!(replay(&["--since", "1h", "--per-second", "1000"]), "3 deliveries will be replayed\n");
    let replayed = operator.json(&["replay", "--subscription", &up, "--state", "delivered", "--json"]);
    assert_eq!(replayed, json!({"replayed": 0, "dry_run": false}), "it is pending");
    assert_eq!(work()["delivered"], 1);

    let event = operator.json(&["dead-letters", "--limit", "1", "--json"])[0]["event_id"].clone();
    let event = event.as_str().expect("an id");
    let found = operator.json(&["deliveries", "--event", event, "--json"]);
    assert_eq!((found.as_array().map(Vec::len), &found[0]["event_id"]), (Some(1), &json!(event)));
    assert_eq!(replay(&["--event", event, "--dry-run"]), "1 delivery would be replayed\n");
    assert_eq!(replay(&["--all", "--state", "pending"]), "0 deliveries will be replayed\n");

    // Events that came in while it was disabled.
    stdout(&operator.run(&["subscriptions", "disable", &gone]));
    (0..2).for_each(|_| enqueue("cus_1"));
    let recover = ["recover", "--subscription", &gone, "--since", "1h"];
    let delivery = operator.json(&["dead-letters", "--subscription", &gone, "--json"])[0]["delivery_id"].clone();
    for arguments in
        [&recover[..], &["replay", "--subscription", &gone], &["replay", delivery.as_str().expect("an id")]]
    {
        assert!(refusal(&operator.run(arguments)).contains("is disabled; enable it first"), "{arguments:?}");
    }
    stdout(&operator.run(&["subscriptions", "enable", &gone]));
    let counted = operator.json(&[&recover[..], &["--dry-run", "--json"]].concat());
    assert_eq!(counted, json!({"replayed": 3, "missed": 2, "dry_run": true}));
    let recovered = "3 dead letters and 2 missed events will be delivered\n";
    assert_eq!(stdout(&operator.run(&recover)), recovered);
    assert_eq!(stdout(&operator.run(&["depth"])), "5 pending, 5 of them due; 0 dead letters\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_queue_is_refused_until_it_is_migrated() {
    let operator = Operator::new();
    assert_eq!(stdout(&operator.run(&["migrate"])), "the tables were created\n");
    assert_eq!(operator.json(&["migrate", "--json"]), json!({"done": "nothing"}));

    let database = format!("sqlite://{}/old.db", operator.0.path().display());
    let old = sqlx::SqlitePool::connect(&format!("{database}?mode=rwc")).await.expect("a database");
    sqlx::raw_sql(VERSION_1).execute(&old).await.expect("the tables of version 1");
    old.close().await;
    for command in [&["enqueue", "--type", "t", "--customer", "cus_1"][..], &["work"], &["deliveries"]] {
        let message = refusal(&operator.run(&[command, &["--database", &database]].concat()));
        assert!(message.contains("version 1") && message.contains("`dealix-sender migrate`"), "{message}");
    }
    let migrated = stdout(&operator.run(&["migrate", "--database", &database]));
    assert_eq!(migrated, "the tables were upgraded from version 1 to 3\n");
    assert_eq!(operator.json(&["deliveries", "--database", &database, "--json"])[0]["state"], "dead_letter");

    let new = sqlx::SqlitePool::connect(&database).await.expect("a database");
    sqlx::raw_sql("INSERT INTO dealix_schema VALUES (99)").execute(&new).await.expect("a version");
    new.close().await;
    for command in ["work", "migrate"] {
        let message = refusal(&operator.run(&[command, "--database", &database]));
        assert!(message.contains("version 99") && message.contains("use a newer one"), "{message}");
    }
}

/// A queue of version 1 with one delivery.
const VERSION_1: &str = "
    CREATE TABLE dealix_subscriptions (id TEXT PRIMARY KEY NOT NULL, customer_id TEXT NOT NULL, endpoint_url TEXT NOT NULL,
        secrets TEXT NOT NULL, events TEXT NOT NULL, enabled BIGINT NOT NULL, created_at BIGINT NOT NULL,
        disabled_reason TEXT, failing_since BIGINT);
    CREATE TABLE dealix_events (id TEXT PRIMARY KEY NOT NULL, created_at BIGINT NOT NULL, envelope BLOB NOT NULL);
    CREATE TABLE dealix_deliveries (id TEXT PRIMARY KEY NOT NULL, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
        customer_id TEXT NOT NULL, subscription_id TEXT NOT NULL, endpoint_url TEXT NOT NULL, state TEXT NOT NULL,
        attempts BIGINT NOT NULL, attempts_before_replay BIGINT NOT NULL, created_at BIGINT NOT NULL,
        next_attempt_at BIGINT, finished_at BIGINT, status_code BIGINT, error TEXT);
    CREATE TABLE dealix_attempts (id TEXT PRIMARY KEY NOT NULL, delivery_id TEXT NOT NULL, attempt BIGINT NOT NULL,
        timestamp BIGINT NOT NULL, status_code BIGINT, success BIGINT NOT NULL, error TEXT, duration_ms BIGINT NOT NULL);
    CREATE TABLE dealix_schema (version BIGINT PRIMARY KEY NOT NULL);
    INSERT INTO dealix_schema VALUES (1);
    INSERT INTO dealix_deliveries VALUES ('dlv_1', 'evt_1', 't', 'cus_1', 'sub_1', 'https://example.com/', 'dead_letter',
        6, 0, 1700000000, NULL, 1700000060, 500, NULL);";

#[test]
fn a_closed_output_pipe_causes_no_panic() {
    let operator = Operator::new();
    operator.subscribe();
    let mut command = operator.command(&["subscriptions", "list"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dealix-sender starts");
    drop(process.stdout.take());
    let output = process.wait_with_output().expect("dealix-sender ends");
    assert!(output.stderr.is_empty(), "{output:?}");

    // The worker also goes on if nobody reads its log.
    let mut command = operator.command(&["work", "--until-idle"]);
    command.env("DEALIX_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("dealix-sender starts");
    drop(process.stderr.take());
    let output = process.wait_with_output().expect("dealix-sender ends");
    assert!(stdout(&output).starts_with("0 delivered"), "{output:?}");
}

#[test]
#[cfg(unix)]
fn only_its_owner_can_read_the_queues_file() {
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
async fn the_exit_code_of_send_says_whether_the_event_arrived() {
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
async fn the_first_interrupt_lets_the_worker_finish_and_the_second_ends_it() {
    use std::os::unix::process::ExitStatusExt;
    for (signals, code, arrives) in [(&["INT"][..], 0, true), (&["TERM"], 0, true), (&["INT", "INT"], 130, false)] {
        let (begun, beginning) = std::sync::mpsc::channel();
        let receiver = Receiver::with_secrets([SECRET], move |_| {
            // Sending fails if the test has already ended.
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
