//! How programs in other languages enqueue events: runs the Python examples, each with its own transaction.

use crate::rights;
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind};
use sqlx::{Connection, PgConnection, query_scalar, raw_sql};
use std::process::{Command, Output};

/// The service's own tables, next to the queue's.
const DEALS: &str = "
    CREATE TABLE deals (id BIGINT PRIMARY KEY, customer_id TEXT, company TEXT, amount NUMERIC, state TEXT);
    CREATE TABLE invoices (deal_id BIGINT PRIMARY KEY, amount NUMERIC);
    INSERT INTO deals VALUES (9007199254740993, 'cus_1', 'شركة الأفق', 12.50, 'open'), (2, 'cus_1', 'Ltd', 7, 'open');
    INSERT INTO invoices VALUES (2, 7);
    ALTER TABLE deals OWNER TO shop;
    ALTER TABLE invoices OWNER TO shop;";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_if_the_python_transaction_commits_and_only_then() {
    let server = Database::start(Kind::Postgres);
    let url = |role: &str| server.url().replace("//postgres@", &format!("//{role}@"));
    sender(&server.url(), &["migrate"]);
    let mut owner = PgConnection::connect(&server.url()).await.expect("PostgreSQL answers");
    raw_sql(sqlx::AssertSqlSafe(rights::documented())).execute(&mut owner).await.expect("roles");
    raw_sql(DEALS).execute(&mut owner).await.expect("tables");
    let receiver = Receiver::start(|_| 204).await;
    let endpoint = receiver.url("/hook");
    sender(&url("dealix_worker"), &["subscriptions", "add", "--customer", "cus_1", "--to", &endpoint, "--local"]);

    let example = read("examples/sender/enqueue.py");
    let shown = example.split_once("\ndef ").and_then(|(_, rest)| rest.split_once("\n\n\n")).expect("a function").0;
    assert!(
        read("docs/sender.md").contains(&format!("```python\ndef {shown}\n```\n")),
        "docs/sender.md and the example differ"
    );
    let win = |deal: &str| python("enqueue.py", &[deal], &url("shop"));
    succeeded(win("9007199254740993"));
    let rolled_back = win("2");
    assert!(String::from_utf8_lossy(&rolled_back.stderr).contains("UniqueViolation"), "{rolled_back:?}");
    let state: String = query_scalar("SELECT state FROM deals WHERE id = 2").fetch_one(&mut owner).await.expect("ok");
    assert_eq!(state, "open");

    // As text, as json, and as jsonb, which loses the exponent and the sign of zero.
    let mut shop = PgConnection::connect(&url("shop")).await.expect("PostgreSQL answers");
    for (data, id) in [
        ("'{\"n\": 1e2, \"z\": -0.0}'", "evt_text"),
        ("'{\"n\": 1e2, \"z\": -0.0}'::json", "evt_json"),
        ("'{\"n\": 1e2, \"z\": -0.0}'::jsonb", "evt_jsonb"),
    ] {
        let call = format!("SELECT dealix.enqueue('deal.won', 'cus_1', {data}, '{id}')");
        raw_sql(sqlx::AssertSqlSafe(call)).execute(&mut shop).await.expect("the function is there");
    }
    let denied = raw_sql("SELECT * FROM dealix_subscriptions").execute(&mut shop).await;
    assert!(denied.is_err_and(|error| error.to_string().contains("permission denied")));

    sender(&url("dealix_worker"), &["work", "--local", "--until-idle"]);
    let mut bodies: Vec<_> = receiver.received().iter().map(|received| data_of(&received.body)).collect();
    bodies.sort();
    let company = r"\u0634\u0631\u0643\u0629 \u0627\u0644\u0623\u0641\u0642";
    let deal = format!(r#"{{"amount":12.5,"company":"{company}","deal_id":9007199254740993}}"#);
    assert_eq!(bodies, [deal.as_str(), r#"{"n":100,"z":0.0}"#, r#"{"n":100.0,"z":-0.0}"#, r#"{"n":100.0,"z":-0.0}"#]);
    assert_eq!(receiver.refused(), Vec::<String>::new());
    assert_eq!(sender(&url("dealix_worker"), &["deliveries", "--state", "delivered", "--count"]), "4\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_written_to_the_sqlite_outbox_by_python_is_sent() {
    let file = Database::start(Kind::Sqlite);
    let receiver = Receiver::start(|_| 204).await;
    let endpoint = receiver.url("/hook");
    sender(&file.url(), &["subscriptions", "add", "--customer", "cus_1", "--to", &endpoint, "--local"]);
    succeeded(python("enqueue_sqlite.py", &[file.url().trim_start_matches("sqlite://")], ""));
    sender(&file.url(), &["work", "--local", "--until-idle"]);
    let received = receiver.received();
    assert_eq!(received.len(), 1, "{:?}", receiver.refused());
    let company = r"\u0634\u0631\u0643\u0629 \u0627\u0644\u0623\u0641\u0642";
    assert_eq!(data_of(&received[0].body), format!(r#"{{"amount":12.5,"company":"{company}"}}"#));
    assert!(received[0].event_id.starts_with("evt_") && received[0].event_id.len() == 28, "{received:?}");
}

fn read(file: &str) -> String {
    std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect(file)
}

fn sender(database: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealix-sender"));
    command.args(arguments).env("DEALIX_DATABASE", database).env("DEALIX_WEBHOOK_SECRET", SECRET);
    succeeded(command.output().expect("dealix-sender runs"))
}

/// Another Python may come before Debian's, which has psycopg, on the PATH.
fn python(example: &str, arguments: &[&str], database: &str) -> Output {
    let has_psycopg = |python: &&str| {
        let output = Command::new(python).args(["-c", "import psycopg"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let python = ["python3", "/usr/bin/python3"].into_iter().find(has_psycopg);
    let python = python.expect("no Python found has psycopg; `cargo xtask setup` installs it");
    let example = format!("{}/examples/sender/{example}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(python);
    command.arg(example).args(arguments).env("DATABASE_URL", database);
    command.output().expect("Python runs")
}

fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The data exactly as written in the envelope, whose keys are sorted.
fn data_of(body: &[u8]) -> String {
    let body = std::str::from_utf8(body).expect("canonical JSON is ASCII");
    let data = body.split_once(r#""data":"#).and_then(|(_, rest)| rest.split_once(r#","id":"#));
    data.unwrap_or_else(|| panic!("{body}")).0.to_owned()
}
