//! Where `dealix-sender` takes its options and secrets from: arguments, the environment, files, systemd's credentials.

use crate::command::{ENDPOINT, Operator, SECRET, refusal, stdout};
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";
const ADD: [&str; 5] = ["subscriptions", "add", "--customer", "cus_1", "--to"];

impl Operator {
    fn file(&self, name: &str, text: impl AsRef<[u8]>, mode: u32) {
        let path = self.0.path().join(name);
        write(&path, text).expect("a file");
        set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
    }

    fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        let output = self.command(arguments).envs(variables.iter().copied()).output().expect("dealix-sender runs");
        assert!(!format!("{output:?}").contains(SECRET), "a secret was printed");
        output
    }

    /// What the command says about a configuration file.
    fn with_config(&self, text: &str, arguments: &[&str]) -> Output {
        self.file("dealix.toml", text, 0o600);
        self.run_with(&[("DEALIX_CONFIG", "dealix.toml")], arguments)
    }
}

#[test]
fn secrets_and_the_database_can_come_from_files() {
    let operator = Operator::new();
    operator.file("secret", format!("{SECRET}\n"), 0o600);
    operator.file("database", "sqlite://other.db\r\n", 0o640);
    operator.file("key", KEY, 0o600);
    let files = [
        ("DEALIX_WEBHOOK_SECRET_FILE", "secret"),
        ("DEALIX_DATABASE_FILE", "database"),
        ("DEALIX_SECRETS_KEY_FILE", "key"),
    ];
    let output = operator.run_with(&files, &[&ADD[..], &[ENDPOINT]].concat());
    assert!(stdout(&output).starts_with("sub_") && output.stderr.is_empty(), "{output:?}");
    assert!(operator.0.path().join("other.db").exists() && !operator.0.path().join("dealix-queue.db").exists());

    // The argument comes first.
    let output = operator.run_with(&files, &["--database", "sqlite://missing.db", "depth"]);
    assert!(refusal(&output).contains("missing.db"), "{output:?}");
    // A command that needs no database does not read its file.
    let send = ["send", "--to", "http://127.0.0.1:1/", "--type", "t", "--customer", "c", "--local"];
    let output = operator.run_with(&[files[0], ("DEALIX_DATABASE_FILE", "missing")], &send);
    assert!(String::from_utf8_lossy(&output.stdout).contains("not delivered"), "{output:?}");
    let from_input = operator.run_with(&files, &[&send[..], &["--data", "-"]].concat());
    assert!(refusal(&from_input).contains("--data is not JSON"), "standard input is free for the data: {from_input:?}");
}

#[test]
fn systemds_credentials_are_found_by_their_names() {
    let operator = Operator::new();
    operator.file("dealix-webhook-secret", SECRET, 0o400);
    operator.file("dealix-database", "sqlite://other.db", 0o400);
    let credentials = ("CREDENTIALS_DIRECTORY", ".");
    let added = operator.run_with(&[credentials], &[&ADD[..], &[ENDPOINT]].concat());
    assert!(stdout(&added).starts_with("sub_"), "{added:?}");
    assert!(operator.0.path().join("other.db").exists());
    // The variable comes first.
    let output = operator.run_with(&[credentials, ("DEALIX_DATABASE", "sqlite://missing.db")], &["depth"]);
    assert!(refusal(&output).contains("missing.db"), "{output:?}");
}

#[test]
fn a_file_without_a_usable_secret_is_refused_with_the_reason() {
    let operator = Operator::new();
    operator.file("empty", "\n", 0o600);
    operator.file("binary", b"whsec_\xff", 0o600);
    operator.file("long", "x".repeat(65 * 1024), 0o600);
    operator.file("lines", "whsec_a\nwhsec_b\n", 0o600);
    let add = [&ADD[..], &[ENDPOINT]].concat();
    for (file, reason) in [
        ("missing", "DEALIX_WEBHOOK_SECRET_FILE: missing cannot be read: No such file"),
        (".", "DEALIX_WEBHOOK_SECRET_FILE: . cannot be read: Is a directory"),
        ("empty", "empty is empty; write the value into it"),
        ("binary", "binary is not UTF-8 text"),
        ("long", "long is longer than 65536 bytes"),
        ("lines", "contains a line break"),
    ] {
        let message = refusal(&operator.run_with(&[("DEALIX_WEBHOOK_SECRET_FILE", file)], &add));
        assert!(message.contains(reason), "{message}");
    }
    let both = [("DEALIX_WEBHOOK_SECRET", SECRET), ("DEALIX_WEBHOOK_SECRET_FILE", "missing")];
    let message = refusal(&operator.run_with(&both, &add));
    assert!(message.contains("both DEALIX_WEBHOOK_SECRET and DEALIX_WEBHOOK_SECRET_FILE are set"), "{message}");
}

#[test]
fn a_secret_in_a_file_that_others_can_read_is_used_with_a_warning() {
    let operator = Operator::new();
    operator.file("secret", SECRET, 0o644);
    let environment = [("DEALIX_WEBHOOK_SECRET_FILE", "secret"), ("DEALIX_SECRETS_KEY", KEY)];
    let output = operator.run_with(&environment, &[&ADD[..], &[ENDPOINT]].concat());
    assert!(stdout(&output).starts_with("sub_"));
    let warning = "warning: DEALIX_WEBHOOK_SECRET_FILE: every user of this machine can read secret; chmod o= it\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), warning);
}

#[test]
fn arguments_come_before_the_environment_and_that_before_the_file() {
    let operator = Operator::new();
    let config = "database = \"sqlite://file.db\"\njson = true\n[work]\nuntil-idle = true";
    let depth = operator.with_config(config, &["depth"]);
    assert!(refusal(&depth).contains("file.db"), "{depth:?}");
    let worked = operator.with_config(config, &["work"]);
    assert!(stdout(&worked).contains("\"delivered\": 0"), "the file sets a flag of `work`: {worked:?}");
    assert!(stdout(&operator.with_config(config, &["depth", "--json=false"])).starts_with("0 pending"));

    operator.file("dealix.toml", config, 0o600);
    let named = ["--config", "dealix.toml", "depth"];
    let output = operator.run_with(&[("DEALIX_DATABASE", "sqlite://variable.db")], &named);
    assert!(refusal(&output).contains("variable.db"), "{output:?}");
    operator.file("database", "sqlite://variables_file.db", 0o600);
    let output = operator.run_with(&[("DEALIX_DATABASE_FILE", "database")], &named);
    assert!(refusal(&output).contains("variables_file.db"), "{output:?}");
    let arguments = [&named[..], &["--database", "sqlite://argument.db"]].concat();
    let output = operator.run_with(&[("DEALIX_DATABASE", "sqlite://variable.db")], &arguments);
    assert!(refusal(&output).contains("argument.db"), "{output:?}");
}

#[test]
fn every_kind_of_option_can_come_from_the_file() {
    let operator = Operator::new();
    let config = r#"
        log-filter = "info"
        [work]
        concurrency = 0x20
        timeout = "5s"
        allow-network = ["10.0.0.0/8", "192.168.0.0/16"]
        until-idle = true
        listen = "127.0.0.1:0"
        [subscriptions.add]
        customer = "cus_1"
        local = true
        event = "deal.won"
        [enqueue]
        customer = "cus_1"
        [deliveries]
        limit = 1
    "#;
    operator.file("dealix.toml", config, 0o600);
    let variables = [("DEALIX_CONFIG", "dealix.toml"), ("DEALIX_WEBHOOK_SECRET", SECRET)];
    let run = |arguments: &[&str]| stdout(&operator.run_with(&variables, arguments));
    assert!(run(&["subscriptions", "add", "--to", "http://127.0.0.1:1/"]).starts_with("sub_"));
    for _ in 0..2 {
        assert!(run(&["enqueue", "--type", "deal.won"]).contains("queued for 1 subscription"));
    }
    assert!(run(&["enqueue", "--type", "deal.lost"]).contains("no enabled subscription"));
    assert!(run(&["deliveries"]).contains("the newest 1;"));
    // The file's default does not count as an argument that conflicts with another.
    assert_eq!(run(&["deliveries", "--count"]), "2\n");
    let worked = operator.run_with(&variables, &["work", "--allow-http", "--metrics-by-subscription"]);
    assert!(stdout(&worked).contains("2 dead letters"), "{worked:?}");
    assert!(String::from_utf8_lossy(&worked.stderr).contains("INFO"), "{worked:?}");
}

#[test]
fn a_mistake_in_the_file_is_named_with_its_line_and_what_is_allowed() {
    let operator = Operator::new();
    for (config, reason) in [
        (
            "databse = \"x\"",
            "dealix.toml:1: there is no option databse; there are: database, log-filter, json, log, [send], ",
        ),
        ("[work]\n\nconcurency = 1", "dealix.toml:3: there is no option work.concurency; there are: local, "),
        ("[worker]", "dealix.toml:1: there is no option worker; there are: "),
        ("config = \"x\"", "there is no option config;"),
        ("[subscriptions.ad]", "there is no option subscriptions.ad; there are: [subscriptions.add]"),
        ("webhook-secret = \"whsec_never_shown\"", "secrets do not belong here: set DEALIX_WEBHOOK_SECRET_FILE"),
        ("work = 3", "dealix.toml:1: work is a table: write [work]"),
        ("[database]", "database: it must be a text in quotes or a whole number, not a table"),
        ("json = \"true\"", "dealix.toml:1: json: it must be true or false, without quotes, not a text"),
        (
            "[work]\nconcurrency = true",
            "dealix.toml:2: work.concurrency: it must be a text in quotes or a whole number",
        ),
        (
            "work.concurrency = 1.5",
            "work.concurrency: it must be a text in quotes or a whole number, not a number with",
        ),
        ("work.concurrency = [1]", "work.concurrency: it must be a text in quotes or a whole number, not such a list"),
        (
            "[work]\nconcurrency = 0",
            "dealix.toml:2: work.concurrency: invalid value '0' for '--concurrency <N>': 0 is not",
        ),
        ("work.timeout = \"soon\"", "dealix.toml:1: work.timeout: invalid value 'soon' for '--timeout <DURATION>'"),
        ("work.allow-network = [\"10.0.0.0/8\", \"ten\"]", "invalid value 'ten' for '--allow-network <CIDR>'"),
        ("work.allow-network = [1.5]", "a text in quotes or a whole number, or a list of them"),
        ("log-filter = \"everything=loud\"", "dealix.toml:1: log-filter: invalid value"),
        ("log-filter = \" warn,  \u{e9}=loud\"", "dealix.toml:1: log-filter: invalid value"),
        ("json = true\ndatabase = \"postgres://u:hunter2@h/", "dealix.toml:2: this is not TOML: "),
        ("json = true\njson = true", "dealix.toml:2: this is not TOML: duplicate key"),
    ] {
        let message = refusal(&operator.with_config(config, &["depth"]));
        assert!(message.contains(reason), "{config}: {message}");
        assert!(!message.contains("hunter2") && !message.contains("whsec"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    for file in ["missing.toml", "."] {
        let message = refusal(&operator.run(&["depth", "--config", file]));
        assert!(message.contains(&format!("--config: {file} cannot be read")), "{message}");
    }
    // The arguments' own mistakes are reported as without a file.
    assert!(refusal(&operator.with_config("json = true", &["work", "--no"])).contains("unexpected argument '--no'"));
}

#[test]
fn a_password_in_the_file_is_refused_if_others_can_read_it() {
    let operator = Operator::new();
    let config = "database = \"postgres://user:hunter2@127.0.0.1:1/db\"";
    for mode in [0o644, 0o640] {
        operator.file("dealix.toml", config, mode);
        let message = refusal(&operator.run(&["--config", "dealix.toml", "depth"]));
        assert!(message.contains("dealix.toml:1: database: it contains a password"), "{message}");
        assert!(message.contains("chmod 600") && !message.contains("hunter2"), "{message}");
    }
    let message = refusal(&operator.with_config(config, &["depth"]));
    assert!(message.contains("cannot be reached") && !message.contains("hunter2"), "{message}");
    for arguments in [&["--help"][..], &["depth", "--help"]] {
        let help = stdout(&operator.with_config(config, arguments));
        assert!(help.contains("--config") && !help.contains("hunter2"), "{help}");
    }
}
