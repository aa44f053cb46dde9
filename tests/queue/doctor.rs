//! What `dealix-sender doctor` sees, and what it says about it.

use crate::bed::{Bed, ENDPOINT, answered, status};
use crate::command::{Operator, stdout};
use crate::support::connect_proxy::ConnectProxy;
use crate::support::server::Server;
use crate::support::servers::{Kind, shared};
use dealix_webhooks::sender::Queue;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, raw_sql};
use std::process::Command;
use std::time::{Duration, SystemTime};

on_every_database![deliveries_that_nobody_sends_are_seen];

async fn deliveries_that_nobody_sends_are_seen(bed: Bed) {
    let activity = async || {
        let activity = bed.queue.activity().await.expect("the activity");
        let is_old = |age: Option<Duration>| age.is_some_and(|age| age > Duration::from_secs(3600));
        (activity.leased, is_old(activity.oldest_due), is_old(activity.oldest_in_outbox))
    };
    assert_eq!(activity().await, (0, false, false));
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    assert_eq!(activity().await, (0, false, false));
    bed.sql("UPDATE dealix_deliveries SET due_ms = 0").await;
    assert_eq!(activity().await, (0, true, false));
    // Those that cannot be sent now do not count.
    for (set, back) in
        [("paused = 1", "paused = 0"), ("enabled = 0", "enabled = 1"), ("held_until_ms = 9e15", "held_until_ms = 0")]
    {
        bed.sql(&format!("UPDATE dealix_subscriptions SET {set}")).await;
        assert_eq!(activity().await, (0, false, false), "{set}");
        bed.sql(&format!("UPDATE dealix_subscriptions SET {back}")).await;
    }
    bed.sql("UPDATE dealix_deliveries SET leased_until_ms = 9e15, leased_by = 'worker'").await;
    assert_eq!(activity().await, (1, false, false));
    bed.sql(
        "INSERT INTO dealix_outbox (event_id, event_type, customer_id, data, created_at) VALUES ('evt_1', 't', 'c', '{}', 1)",
    )
    .await;
    assert_eq!(activity().await, (1, false, true));
    bed.sql("UPDATE dealix_outbox SET error = 'too long'").await;
    assert_eq!(activity().await, (1, false, false));
}

/// Runs the command, and returns its exit code and its lines.
fn diagnosis(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().expect("dealix-sender runs");
    assert!(output.stderr.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

fn doctor(operator: &Operator, database: &str, arguments: &[&str]) -> (Option<i32>, String) {
    diagnosis(operator.command(&[&["doctor"], arguments].concat()).env("DEALIX_DATABASE", database))
}

#[track_caller]
fn has_line(output: &str, state: &str, check: &str, part: &str) {
    let begins = format!("{state:<8} {check:<12} ");
    let is_there = output.lines().any(|line| line.starts_with(&begins) && line.contains(part));
    assert!(is_there, "no `{begins}… {part}` in\n{output}");
}

#[test]
fn the_doctor_finds_a_new_queue_healthy() {
    let operator = Operator::new();
    operator.subscribe();
    let run = |arguments: &[&str]| diagnosis(&mut operator.command(arguments));
    let (code, output) = run(&["doctor", "--resolve", "localhost"]);
    assert_eq!(code, Some(0), "{output}");
    for (state, check, part) in [
        ("ok", "config", "no file"),
        ("ok", "database", "a round trip takes"),
        ("ok", "clock", "this machine's"),
        ("ok", "journal", "wal"),
        ("ok", "rights", "may do what a worker does"),
        ("ok", "worker", "nothing is in flight"),
        ("ok", "dns", "localhost is "),
        ("skipped", "time", "--clock-from"),
    ] {
        has_line(&output, state, check, part);
    }
    assert!(output.contains("disk") && output.contains("descriptors") && output.lines().count() == 11, "{output}");
    let checks: Vec<Value> =
        serde_json::from_str(&run(&["doctor", "--json", "--resolve", "localhost"]).1).expect("JSON");
    let database = checks.iter().find(|check| check["check"] == "database").expect("the check");
    assert_eq!((&database["state"], &database["advice"]), (&"ok".into(), &Value::Null));
}

#[test]
fn the_doctor_says_why_a_queue_cannot_be_opened() {
    let operator = Operator::new();
    for (database, reason, advice) in [
        ("sqlite://missing.db", "No such file", "`dealix-sender migrate`"),
        ("postgres://u:hunter2@127.0.0.1:1/db", "cannot be reached", "check that it runs"),
        ("mysql://host/db", "must begin with sqlite:", "check DEALIX_DATABASE"),
    ] {
        let (code, output) = doctor(&operator, database, &[]);
        assert_eq!(code, Some(1), "{output}");
        has_line(&output, "failed", "database", reason);
        has_line(&output, "failed", "database", advice);
        has_line(&output, "skipped", "dns", "--resolve HOST");
        assert!(!output.contains("hunter2"), "{output}");
    }
    has_line(&doctor(&operator, "sqlite://no/folder/queue.db", &[]).1, "failed", "disk", "no/folder: No such file");
    let (_, output) = doctor(&operator, "sqlite://missing.db", &["--json"]);
    assert!(output.contains("\"failed\""), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_with_the_tables() {
    let operator = Operator::new();
    operator.subscribe();
    let url = format!("sqlite://{}/dealix-queue.db", operator.0.path().display());
    let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
    let mut sql = async |statement: &'static str| raw_sql(statement).execute(&mut connection).await.expect(statement);
    operator.run(&["enqueue", "--type", "t", "--customer", "cus_1"]);
    sql("UPDATE dealix_deliveries SET due_ms = due_ms - 7200000").await;
    let (code, output) = doctor(&operator, &url, &["--resolve", "localhost"]);
    assert_eq!(code, Some(0), "a warning is no failure: {output}");
    has_line(&output, "warning", "worker", "due for 2h");
    has_line(&output, "warning", "worker", "start `dealix-sender work`");
    sql("INSERT INTO dealix_schema VALUES (99)").await;
    let (code, output) = doctor(&operator, &url, &[]);
    assert_eq!(code, Some(1), "{output}");
    has_line(&output, "failed", "database", "version 99");
}

#[test]
fn a_customers_wrong_name_does_not_fail_the_doctor() {
    let operator = Operator::new();
    let subscribe = |to: &str| {
        let add = ["subscriptions", "add", "--customer", "cus_1", "--local", "--to", to];
        stdout(&operator.run_with_secret(&add));
    };
    // No name server need be asked about a name that is too long.
    subscribe(&format!("https://{}.example/", "a".repeat(64)));
    let (code, output) = diagnosis(&mut operator.command(&["doctor"]));
    assert_eq!(code, Some(0), "{output}");
    has_line(&output, "warning", "dns", "Name or service not known; check the endpoints' names");
    subscribe("http://localhost:1/");
    let (_, output) = diagnosis(&mut operator.command(&["doctor"]));
    has_line(&output, "ok", "dns", "localhost is ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_worker_is_told_from_an_endpoint_that_hangs() {
    let bed = Bed::start(Kind::Sqlite).await;
    let operator = Operator::new();
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.enqueue().await;
    bed.sql("UPDATE dealix_deliveries SET due_ms = due_ms - 7200000").await;
    let seen = || tokio::task::block_in_place(|| doctor(&operator, &bed.url, &["--resolve", "localhost"]).1);
    has_line(&seen(), "warning", "worker", "nothing is in flight, and something has been due for 2h");
    has_line(&seen(), "warning", "worker", "start `dealix-sender work`");
    // An attempt at another endpoint, after more endpoints than are worth reading one by one.
    for _ in 0..120 {
        bed.subscribe("https://idle.example.com/").await;
    }
    for (recorded, part) in [
        ("UPDATE dealix_subscriptions SET failed_at = unixepoch() - 60 WHERE rowid = 121", "attempts were made lately"),
        ("UPDATE dealix_subscriptions SET failed_at = unixepoch() - 600", "nothing is in flight"),
        (
            "UPDATE dealix_deliveries SET state = 'delivered', finished_at = unixepoch() WHERE rowid = 1",
            "attempts were made lately",
        ),
    ] {
        bed.sql(recorded).await;
        has_line(&seen(), "warning", "worker", &format!("{part}, "));
    }
    has_line(&seen(), "warning", "worker", "but something has been due for 2h");
    has_line(&seen(), "warning", "worker", "may hang (`dealix-sender deliveries --state pending`)");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_that_deliveries_are_parked() {
    let bed = Bed::start(Kind::Sqlite).await;
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.damage_secrets(&id).await;
    bed.work(answered(status(200))).await;
    let operator = Operator::new();
    let (_, seen) = tokio::task::block_in_place(|| doctor(&operator, &bed.url, &["--resolve", "localhost"]));
    has_line(&seen, "warning", "parked", "1 delivery is pending that no worker can make; `dealix-sender deliveries");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_a_missing_key_before_a_damaged_record() {
    let bed = Bed::start(Kind::Sqlite).await;
    bed.damage_secrets(&bed.subscribe(ENDPOINT).await).await;
    let locked = bed.subscribe(ENDPOINT).await;
    let sealed = r#"{"key": "1a2b3c4d", "sealed": "00"}"#;
    bed.sql(&format!("UPDATE dealix_subscriptions SET secrets = '{sealed}' WHERE id = '{locked}'")).await;
    let operator = Operator::new();
    let (_, seen) = tokio::task::block_in_place(|| doctor(&operator, &bed.url, &["--resolve", "localhost"]));
    has_line(&seen, "failed", "secrets", "sealed with the key 1a2b3c4d, which is not here");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_the_rights_that_a_role_lacks() {
    let server = tokio::task::spawn_blocking(|| shared(Kind::Postgres)).await.expect("a server");
    let url = server.create();
    let queue = Queue::open(&url).await.expect("a queue");
    let operator = Operator::new();
    let mut owner = sqlx::PgConnection::connect(&url).await.expect("a connection");
    let mut sql = async |statement: &str| {
        raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut owner).await.expect("it is done");
    };
    let name = url.rsplit('/').next().expect("a name");
    let role = format!("role_{name}");
    sql(&format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT ON dealix_schema TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE \
         ON dealix_subscriptions, dealix_events, dealix_deliveries, dealix_attempts, dealix_outbox, dealix_alarms \
         TO {role};"
    ))
    .await;
    let as_role = url.replace("postgres@", &format!("{role}@"));
    let arguments = ["--resolve", "localhost"];
    let (code, output) = doctor(&operator, &as_role, &arguments);
    assert_eq!(code, Some(0), "what docs/sender.md grants is enough: {output}");
    has_line(&output, "ok", "rights", "but not call dealix.enqueue");
    assert!(!output.contains("journal") && !output.contains("disk"), "{output}");

    sql(&format!("GRANT USAGE ON SCHEMA dealix TO {role}; REVOKE DELETE ON dealix_events FROM {role}")).await;
    let (code, output) = doctor(&operator, &as_role, &arguments);
    assert_eq!(code, Some(1), "{output}");
    has_line(&output, "failed", "rights", "this role lacks DELETE ON dealix_events; GRANT it");
    sql(&format!("REVOKE SELECT ON dealix_deliveries FROM {role}")).await;
    has_line(&doctor(&operator, &as_role, &arguments).1, "failed", "worker", "permission denied");
    sql(&format!("REVOKE SELECT ON dealix_schema FROM {role}")).await;
    has_line(&doctor(&operator, &as_role, &arguments).1, "failed", "database", "permission denied");

    sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let (_, output) = doctor(&operator, &url, &arguments);
    has_line(&output, "failed", "rights", "INSERT ON dealix_deliveries");
    has_line(&output, "failed", "rights", "a standby server");
    drop(queue);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_compares_the_clocks() {
    let bed = Bed::start(Kind::Postgres).await;
    let operator = Operator::new();
    let mut command = Command::new("faketime");
    command.args(["-f", "+10m", env!("CARGO_BIN_EXE_dealix-sender"), "doctor", "--resolve", "localhost"]);
    let (code, output) = diagnosis(command.current_dir(operator.0.path()).env("DEALIX_DATABASE", &bed.url));
    assert_eq!(code, Some(1), "{output}");
    has_line(&output, "failed", "clock", "the database's clock is 600.");
    has_line(&output, "failed", "clock", "s behind this machine's; synchronise both");

    let compared = async |headers: String| {
        let server = Server::answering(format!("HTTP/1.1 204 No Content\r\n{headers}\r\n")).await;
        let url = server.url();
        let arguments = ["--resolve", "localhost", "--clock-from", &url];
        tokio::task::block_in_place(|| doctor(&operator, &bed.url, &arguments))
    };
    let dated = |ahead: i64| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs() as i64;
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs((now + ahead) as u64);
        format!("Date: {}\r\n", httpdate::fmt_http_date(there))
    };
    for (ahead, code, state, part) in [
        (0, 0, "ok", "the database's clock is "),
        (30, 0, "warning", "s behind the one of --clock-from"),
        (-30, 0, "warning", "s ahead of the one of --clock-from"),
        (300, 1, "failed", "receivers refuse"),
    ] {
        let (exit, output) = compared(dated(ahead)).await;
        assert_eq!(exit, Some(code), "{output}");
        has_line(&output, state, "time", part);
    }
    has_line(&compared(String::new()).await.1, "failed", "time", "the response has no Date; try another URL");
    has_line(&compared("Date: today\r\n".to_owned()).await.1, "failed", "time", "Date cannot be read");
    let unreachable = ["--resolve", "localhost", "--clock-from", "http://127.0.0.1:1/"];
    has_line(&doctor(&operator, &bed.url, &unreachable).1, "failed", "time", "--clock-from: client error (Connect)");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_for_the_time_through_the_workers_proxy() {
    let operator = Operator::new();
    operator.subscribe();
    let (proxy, broken) = (ConnectProxy::start().await, Server::answering("HTTP/1.1 407 No\r\n\r\n").await);
    let now = httpdate::fmt_http_date(SystemTime::now());
    let server = Server::answering(format!("HTTP/1.1 204 No Content\r\nDate: {now}\r\n\r\n")).await;
    let file = |proxy: &Server| {
        let config = format!("[work]\nproxy = \"http://{}\"", proxy.address);
        std::fs::write(operator.0.path().join("dealix.toml"), config).expect("a file");
    };
    let doctor = |proxy: Option<String>, url: &str| {
        let arguments = ["--config", "dealix.toml", "doctor", "--resolve", "localhost", "--clock-from", url];
        let mut command = operator.command(&arguments);
        proxy.map(|proxy| command.env("DEALIX_PROXY", proxy));
        tokio::task::block_in_place(|| diagnosis(&mut command))
    };
    file(&proxy.server);
    let (code, output) = doctor(None, &server.url());
    assert_eq!(code, Some(0), "{output}");
    has_line(&output, "ok", "time", "the database's clock is ");
    // As for a worker, the environment comes first.
    file(&broken);
    let (code, output) = doctor(Some(format!("http://user:hunter2@{}", proxy.server.address)), &server.url());
    assert_eq!(code, Some(0), "{output}");
    let asked = proxy.requests();
    let address = server.address;
    assert_eq!(asked[0], format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n"));
    assert!(asked[1].contains("Proxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"), "{asked:?}");
    doctor(Some(format!("http://{}", proxy.server.address)), "http://127.0.0.1/");
    assert!(proxy.requests()[2].starts_with("CONNECT 127.0.0.1:80 HTTP/1.1"), "{:?}", proxy.requests());

    has_line(&doctor(None, &server.url()).1, "failed", "time", "through the proxy http://");
    let (code, output) = doctor(Some("ftp://user:hunter2@proxy".to_owned()), &server.url());
    assert!(code == Some(1) && !output.contains("hunter2"), "{output}");
    has_line(&output, "failed", "time", "DEALIX_PROXY: the proxy's URL must begin with http://");
}

#[test]
fn the_doctor_looks_at_the_machine() {
    let operator = Operator::new();
    operator.subscribe();
    let config = "[work]\nconcurrency = 500";
    std::fs::write(operator.0.path().join("dealix.toml"), config).expect("a file");
    let mut command = Command::new("sh");
    let script = "ulimit -n 300; exec \"$0\" --config dealix.toml doctor --resolve a..b";
    command.args(["-c", script, env!("CARGO_BIN_EXE_dealix-sender")]).current_dir(operator.0.path());
    let (code, output) = diagnosis(command.env_remove("DEALIX_DATABASE"));
    assert_eq!(code, Some(1), "{output}");
    has_line(&output, "ok", "config", "dealix.toml");
    let descriptors = "a process may open 300 files and sockets; --concurrency 500 needs 564; raise the limit";
    has_line(&output, "warning", "descriptors", descriptors);
    has_line(&output, "failed", "dns", "a..b: ");
    has_line(&output, "failed", "dns", "check /etc/resolv.conf");
}
