//! The roles in docs/sender.md may do what they are for, and no more.

use crate::faults::worker::{SENDER, Worker, run, run_as, succeeded, until};
use crate::support::receiver::Receiver;
use crate::support::servers::{Database, Kind};
use sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql};
use std::process::{Command, Output};

const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";

/// The page's block that creates the roles and grants them their rights.
pub fn documented() -> String {
    let page = include_str!("../../docs/sender.md");
    let block = page.split("```sql\n").find(|block| block.contains("CREATE ROLE")).expect("a block with roles");
    block.split("```").next().unwrap_or_default().to_owned()
}

/// A server with the queue's tables and the documented roles.
struct Roles {
    server: Database,
    owner: PgConnection,
}

impl Roles {
    async fn create() -> Self {
        let server = Database::start(Kind::Postgres);
        succeeded(run(&server.url(), &["migrate"]));
        let mut owner = PgConnection::connect(&server.url()).await.expect("PostgreSQL answers");
        raw_sql(AssertSqlSafe(documented())).execute(&mut owner).await.expect("roles");
        Self { server, owner }
    }

    fn url(&self, role: &str) -> String {
        self.server.url().replace("//postgres@", &format!("//{role}@"))
    }

    /// What a command prints for a role that may run it.
    fn run(&self, role: &str, arguments: &[&str]) -> String {
        succeeded(self.output(role, arguments))
    }

    fn output(&self, role: &str, arguments: &[&str]) -> Output {
        run_as(command(role), &self.url(role), arguments)
    }

    fn is_denied(&self, role: &str, arguments: &[&str]) -> bool {
        let output = self.output(role, arguments);
        !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("permission denied")
    }

    async fn number(&mut self, query: &str) -> i64 {
        query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut self.owner).await.expect("a number")
    }
}

/// Of all roles, only workers have the key that seals the secrets.
fn command(role: &str) -> Command {
    let mut command = Command::new(SENDER);
    if role == "dealix_worker" {
        command.env("DEALIX_SECRETS_KEY", KEY);
    }
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_rights_cover_every_table() {
    let mut roles = Roles::create().await;
    let lacking = |role: &str, privilege: &str| {
        format!(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'dealix\\_%' AND relkind = 'r' \
             AND NOT has_table_privilege('{role}', oid, '{privilege}')"
        )
    };
    for (role, privilege, tables) in [
        ("dealix_worker", "SELECT", 0),
        // All but dealix_schema, which only an upgrade writes.
        ("dealix_worker", "INSERT", 1),
        ("dealix_worker", "UPDATE", 1),
        ("dealix_worker", "DELETE", 1),
        ("dealix_inspector", "SELECT", 0),
    ] {
        assert_eq!(roles.number(&lacking(role, privilege)).await, tables, "{role} lacks {privilege}");
    }
    let all = "SELECT count(*) FROM pg_class WHERE relname LIKE 'dealix\\_%' AND relkind = 'r'";
    let all = roles.number(all).await;
    for privilege in ["INSERT", "UPDATE", "DELETE", "TRUNCATE"] {
        assert_eq!(roles.number(&lacking("dealix_inspector", privilege)).await, all, "{privilege}");
    }
    for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        assert_eq!(roles.number(&lacking("shop", privilege)).await, all, "{privilege}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_roles_do_their_work_and_nothing_else() {
    let mut roles = Roles::create().await;
    let receiver = Receiver::start(|received| if received.path == "/up" { 204 } else { 410 }).await;
    let add = |customer: &str, endpoint: &str| {
        let endpoint = receiver.url(endpoint);
        let added = ["subscriptions", "add", "--customer", customer, "--to", &endpoint, "--local"];
        roles.run("dealix_worker", &added).trim().to_owned()
    };
    let (up, gone) = (add("cus_1", "/up"), add("cus_1", "/gone"));
    add("dealix:operator", "/up");

    let mut shop = PgConnection::connect(&roles.url("shop")).await.expect("PostgreSQL answers");
    let enqueue = "SELECT dealix.enqueue('deal.won', 'cus_1', '{}')";
    let enqueued: String = query_scalar(enqueue).fetch_one(&mut shop).await.expect("an event's id");
    assert!(enqueued.starts_with("evt_"), "{enqueued}");

    // It takes the outbox, renews its leases, disables the endpoint that is gone, tells operators, and prunes.
    let arguments = ["--keep-finished", "1s"];
    let worker = Worker::start_as(command("dealix_worker"), &roles.url("dealix_worker"), &arguments);
    until("an alarm, and an empty queue", || {
        let has = |body: &[u8]| String::from_utf8_lossy(body).contains("dealix.endpoint.disabled");
        let alarmed = receiver.received().iter().any(|received| has(&received.body));
        alarmed && roles.run("dealix_worker", &["deliveries", "--count"]) == "0\n"
    })
    .await;
    worker.signal("TERM");
    assert!(!worker.log().contains("denied"), "it lacks a right:\n{}", worker.log());
    worker.finish().await;
    assert_eq!(roles.number("SELECT count(*) FROM dealix_attempts").await, 0);

    roles.run("dealix_worker", &["enqueue", "--type", "deal.won", "--customer", "cus_1"]);
    let id = roles.run("dealix_inspector", &["deliveries", "--json"]);
    let id = id.split('"').find(|text| text.starts_with("dlv_")).expect("a delivery");
    for arguments in [
        &["deliveries", id][..],
        &["depth"],
        &["dead-letters"],
        &["subscriptions", "list"],
        &["subscriptions", "show", &up],
        &["secrets", "status"],
        &["subscriptions", "show", &gone],
        &["replay", "--since", "1h", "--dry-run"],
        &["recover", "--subscription", &up, "--since", "1h", "--dry-run"],
    ] {
        roles.run("dealix_inspector", arguments);
    }
    for arguments in [
        &["subscriptions", "pause", &up][..],
        &["subscriptions", "remove", &up],
        &["replay", id],
        &["enqueue", "--type", "deal.won", "--customer", "cus_1"],
    ] {
        assert!(roles.is_denied("dealix_inspector", arguments), "{arguments:?}");
    }
    for arguments in [&["depth"][..], &["deliveries"], &["subscriptions", "list"]] {
        assert!(roles.is_denied("shop", arguments), "{arguments:?}");
    }
}
