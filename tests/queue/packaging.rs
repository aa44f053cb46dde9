//! What comes with `dealix-sender`: completions, manual pages, systemd's unit.

use crate::command::{Operator, refusal, stdout};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn bash_completes_commands_and_options() {
    let operator = Operator::new();
    let script = operator.0.path().join("completion.bash");
    fs::write(&script, stdout(&operator.run(&["completions", "bash"]))).expect("a file");
    let complete = |words: &[&str]| {
        let call = "source \"$0\"; COMP_WORDS=(dealix-sender \"$@\"); COMP_CWORD=$#; \
                    [[ $(complete -p dealix-sender) =~ -F\\ ([^ ]+) ]]; \
                    ${BASH_REMATCH[1]} dealix-sender \"${@: -1}\" \"${COMP_WORDS[-2]}\"; echo \"${COMPREPLY[@]}\"";
        stdout(&Command::new("bash").args(["-uc", call]).arg(&script).args(words).output().expect("bash"))
    };
    assert_eq!(complete(&["wo"]), "work\n");
    assert_eq!(complete(&["subscriptions", "rot"]), "rotate-secret\n");
    assert_eq!(complete(&["work", "--conc"]), "--concurrency --concurrency-per-endpoint\n");
}

#[test]
fn there_are_completions_for_other_shells() {
    let operator = Operator::new();
    for (shell, part) in [("zsh", "#compdef dealix-sender"), ("fish", "complete -c dealix-sender"), ("elvish", "edit:")]
    {
        let script = stdout(&operator.run(&["completions", shell]));
        assert!(script.contains(part) && script.contains("rotate-secret"), "{shell}: {script}");
    }
    let message = refusal(&operator.run(&["completions", "tcsh"]));
    assert!(message.contains("invalid value 'tcsh'") && message.contains("bash, elvish, fish"), "{message}");
}

#[test]
fn the_manual_pages_describe_every_option_and_are_well_formed() {
    let operator = Operator::new();
    assert!(stdout(&operator.run(&["man", "--out", "man"])).is_empty());
    let folder = operator.0.path().join("man");
    let pages: Vec<PathBuf> =
        fs::read_dir(&folder).expect("a folder").map(|page| page.expect("a page").path()).collect();
    assert!(pages.len() > 20, "{pages:?}");
    // The generator's pages have no date, which is only a warning.
    let lint = Command::new("mandoc").args(["-T", "lint", "-W", "error"]).args(&pages).output().expect("mandoc");
    assert!(lint.status.success() && lint.stdout.is_empty(), "{lint:?}");

    let page = |name: &str| {
        let text = Command::new("mandoc")
            .args(["-T", "utf8", "-O", "width=1000"])
            .arg(folder.join(name))
            .output()
            .expect("mandoc");
        stdout(&text)
    };
    let work = page("dealix-sender-work.1");
    assert!(work.contains("How long finished deliveries and their logs are kept"), "{work}");
    let root = page("dealix-sender.1");
    assert!(root.contains("DEALIX_WEBHOOK_SECRET_FILE") && root.contains("dealix-sender-work(1)"), "{root}");
    let printed = stdout(&operator.run(&["man"]));
    assert!(printed == fs::read_to_string(folder.join("dealix-sender.1")).expect("a page"), "{printed}");

    fs::write(operator.0.path().join("file"), "").expect("a file");
    let message = refusal(&operator.run(&["man", "--out", "file/man"]));
    assert!(message.contains("--out: file/man cannot be written to: Not a directory"), "{message}");
}

/// From 0 to 10. Systemd counts 2.0 and below as protected well; what is left is what a sender needs, the network above all.
const MOST_EXPOSED: f64 = 1.1;

#[test]
fn systemds_unit_is_valid_and_confines_the_worker() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let put = |path: &str, text: &[u8]| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(path, text).expect("a file");
    };
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/systemd/dealix-sender.service");
    let unit = fs::read_to_string(unit).expect("the unit");
    for credential in ["dealix-database", "dealix-secrets-key"] {
        assert!(unit.contains(&format!("\nLoadCredential={credential}:/etc/dealix/")), "{credential}: {unit}");
    }
    put("etc/systemd/system/dealix-sender.service", unit.as_bytes());
    for target in ["sysinit", "basic", "multi-user", "network-online", "shutdown"] {
        put(&format!("usr/lib/systemd/system/{target}.target"), b"[Unit]\n");
    }
    put("usr/bin/dealix-sender", b"");
    let program = root.path().join("usr/bin/dealix-sender");
    assert!(Command::new("chmod").arg("+x").arg(program).status().expect("chmod").success());
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no", "dealix-sender.service"]).arg(format!("--root={}", root.path().display()));
    let verified = verify.output().expect("systemd-analyze");
    assert!(verified.status.success() && verified.stderr.is_empty(), "{verified:?}");

    let installed = root.path().join("etc/systemd/system/dealix-sender.service");
    let security =
        Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(installed).output();
    let report = stdout(&security.expect("systemd-analyze"));
    let level = report.lines().find(|line| line.contains("Overall exposure level")).expect("the level");
    println!("{level}");
    let level: f64 = level.split_whitespace().find_map(|word| word.parse().ok()).expect("a number");
    assert!(level <= MOST_EXPOSED, "{report}");
}
