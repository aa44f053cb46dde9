//! The main job, for real: the packed package behind node:http receives what this program sends.

use crate::command::{program, root, step, styled};
use crate::{consumer, package};
use anyhow::{Context, Result, bail, ensure};
use dealix_webhooks::{WebhookEvent, make_event, serialize_envelope, sign_payload};
use serde_json::{Value, json, value::to_raw_value};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const CURRENT: &str = "whsec_demo_current";
const PREVIOUS: &str = "whsec_demo_previous";
const STRANGER: &str = "whsec_demo_of_another_endpoint";

/// One delivery, and the verdict it must get.
struct Delivery {
    what: &'static str,
    body: Vec<u8>,
    signature_header: String,
    expected: Expected,
}

enum Expected {
    ValidUnder(usize),
    Refused(&'static str),
}

pub fn demo() -> Result<()> {
    let tarball = package::package()?;
    let folder = root().join("target/demo");
    step("demo: installing the tarball into a fresh folder");
    consumer::install(&tarball, &folder)?;
    step("demo: starting a receiver on loopback, node:http with @dealix/webhooks");
    let mut receiver = Receiver::start(&folder)?;
    step("demo: sending real deliveries to it");
    let deliveries = deliveries()?;
    let mut wrong = 0;
    for delivery in &deliveries {
        let is_right = receiver.send(delivery)?;
        wrong += usize::from(!is_right);
    }
    println!();
    ensure!(wrong == 0, "{wrong} of {} verdicts were wrong", deliveries.len());
    let verified = deliveries.iter().filter(|delivery| matches!(delivery.expected, Expected::ValidUnder(_))).count();
    println!(
        "all {} verdicts are right: {verified} verified, {} refused",
        deliveries.len(),
        deliveries.len() - verified
    );
    Ok(())
}

fn deliveries() -> Result<Vec<Delivery>> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let event = |event_type: &str, data: Value| -> Result<Vec<u8>> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let event: WebhookEvent = make_event(event_type, "cus_42", to_raw_value(&data)?, now, random);
        Ok(serialize_envelope(&event)?)
    };
    let valid = |what, body: Vec<u8>, signature_header, secret_index| Delivery {
        what,
        body,
        signature_header,
        expected: Expected::ValidUnder(secret_index),
    };
    let refused = |what, body: &[u8], signature_header, code| Delivery {
        what,
        body: body.to_vec(),
        signature_header,
        expected: Expected::Refused(code),
    };

    let lead = event("lead.created", json!({"customer": "Ada Lovelace", "score": 0.75}))?;
    let deal = event("deal.won", json!({"customer": "شركة الأفق 🌅", "owner": "ليلى", "amount": 12500.0}))?;
    let report = event("qbr.generated", json!({"customer": "Grace Hopper", "report": "x".repeat(200_000)}))?;
    let unknown = event("deal.paused", json!({"customer": "a type newer than the receiver's package"}))?;

    let tampered = String::from_utf8(deal.clone())?.replace("12500.0", "92500.0").into_bytes();
    let old_and_new = {
        let current = sign_payload(CURRENT, &lead, now)?;
        let (_, v1) = current.split_once(',').context("a signature header has a comma")?;
        format!("{},{v1}", sign_payload(PREVIOUS, &lead, now)?)
    };
    Ok(vec![
        valid("a lead", lead.clone(), sign_payload(CURRENT, &lead, now)?, 0),
        valid("Arabic names, an emoji", deal.clone(), sign_payload(CURRENT, &deal, now)?, 0),
        valid("a body of 200 kB", report.clone(), sign_payload(CURRENT, &report, now)?, 0),
        valid("a type yet unknown", unknown.clone(), sign_payload(CURRENT, &unknown, now)?, 0),
        valid("the previous secret", lead.clone(), sign_payload(PREVIOUS, &lead, now)?, 1),
        valid("signed by both secrets", lead.clone(), old_and_new, 0),
        refused("a body tampered with", &tampered, sign_payload(CURRENT, &deal, now)?, "signature_mismatch"),
        refused("a wrong secret", &deal, sign_payload(STRANGER, &deal, now)?, "signature_mismatch"),
        refused("signed an hour ago", &deal, sign_payload(CURRENT, &deal, now - 3600)?, "stale_signature"),
        refused("no signature", &deal, String::new(), "malformed_header"),
    ])
}

struct Receiver {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Receiver {
    fn start(folder: &Path) -> Result<Self> {
        fs::copy(root().join("xtask/demo/receiver.mjs"), folder.join("receiver.mjs"))?;
        let mut process = program("node")
            .arg("receiver.mjs")
            .current_dir(folder)
            .env("CURRENT_SECRET", CURRENT)
            .env("PREVIOUS_SECRET", PREVIOUS)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start node")?;
        let stdout = process.stdout.take().context("the receiver has no output")?;
        let mut receiver = Self { process, lines: BufReader::new(stdout).lines(), url: String::new() };
        let port = receiver.next_line()?["port"].as_u64().context("the receiver names no port")?;
        receiver.url = format!("http://127.0.0.1:{port}/webhooks/dealix");
        println!("    listening on {}", receiver.url);
        Ok(receiver)
    }

    /// Sends a delivery, prints the verdict, and returns whether it was the right one.
    fn send(&mut self, delivery: &Delivery) -> Result<bool> {
        let response = ureq::post(&self.url)
            .config()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(10)))
            .build()
            .header("Content-Type", "application/json")
            .header("Dealix-Signature", &delivery.signature_header)
            .send(&delivery.body[..])
            .context("the receiver did not answer")?;
        let status = response.status().as_u16();
        let line = self.next_line()?;
        let verdict = line["verdict"].as_str().context("the receiver printed no verdict")?;
        let is_right = match delivery.expected {
            Expected::ValidUnder(index) => status == 204 && verdict == "valid" && line["secretIndex"] == index,
            Expected::Refused(code) => status == 400 && verdict == code,
        };
        let mark = if is_right { styled("32", "✓") } else { styled("31", "✗") };
        println!("  {mark} {:<24} {status}  {}", delivery.what, facts(&line));
        Ok(is_right)
    }

    fn next_line(&mut self) -> Result<Value> {
        let Some(line) = self.lines.next() else {
            bail!("the receiver ended: {}", self.process.wait()?);
        };
        let line = line?;
        serde_json::from_str(&line).with_context(|| format!("the receiver printed {line}"))
    }
}

/// What the receiver printed, for people.
fn facts(line: &Value) -> String {
    let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
    if line["verdict"] != "valid" {
        return format!("{}: {}", text("verdict"), text("message"));
    }
    let known = if line["known"] == true { "" } else { ", a type unknown to it" };
    let secret = if line["secretIndex"] == 0 { "current" } else { "previous" };
    format!("{} {} ({}), by the {secret} secret{known}", text("type"), text("id"), text("customer"))
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Fails if the receiver has already ended, which is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
