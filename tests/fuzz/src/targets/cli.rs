//! What `dealix-sender` reads: its arguments, lines of a batch, secrets and the values of arguments. The first byte says which.

use crate::arguments::{Arguments, Command, EventArguments};
use crate::case::SEPARATOR;
use crate::desk::DESK;
use crate::{batch, secret, values};
use clap::{CommandFactory, FromArgMatches};
use dealix_webhooks::{Verifier, WebhookEvent, serialize_envelope, sign_payload};
use std::io::Cursor;

/// Lower than the command's own, so that short lines are too long too.
const MAX_ENVELOPE_BYTES: usize = 400;

pub fn run(data: &[u8]) {
    match data.split_first() {
        Some((b'a', words)) => read_arguments(words),
        Some((b'b', lines)) => read_batch(lines),
        Some((b's', text)) => read_secret(text),
        Some((b'v', text)) => read_values(text),
        _ => {}
    }
}

fn read_arguments(words: &[u8]) {
    let words = words.split(|byte| *byte == SEPARATOR).map(String::from_utf8_lossy).map(String::from);
    let words: Vec<String> = std::iter::once("dealix-sender".to_owned()).chain(words).collect();
    let Ok(matches) = Arguments::command().try_get_matches_from(&words) else { return };
    let arguments = Arguments::from_arg_matches(&matches).expect("clap has checked them");
    let has_password = words.get(1).is_some_and(|word| word.starts_with("--database=postgres://a:secret@h/"));
    let is_refused = arguments.database.or_from_environment(&matches).is_err();
    assert!(is_refused || !has_password, "a password on the command line was accepted");
    match arguments.command {
        Command::Send(send) => read_event(send.event),
        Command::Enqueue(enqueue) => enqueue.event.into_iter().for_each(read_event),
        _ => {}
    }
}

fn read_event(event: EventArguments) {
    // No files, and no standard input.
    if event.data.starts_with(['@', '-']) {
        return;
    }
    let (event_type, customer) = (event.event_type.clone(), event.customer.clone());
    let Ok(event) = event.into_event() else { return };
    assert_eq!((event.event_type.as_str(), &event.customer_id), (event_type.as_str(), &customer));
    accept(&event, usize::MAX);
}

fn read_batch(lines: &[u8]) {
    let mut input = Cursor::new(lines);
    let mut line = Vec::new();
    let mut read = 0;
    while batch::read_line(&mut input, &mut line, MAX_ENVELOPE_BYTES).expect("memory can be read") {
        read += 1;
        assert!(line.len() <= MAX_ENVELOPE_BYTES + 2, "more of a long line is kept than is needed");
        if let Ok((event, _)) = batch::event(&DESK.queue, &line, MAX_ENVELOPE_BYTES) {
            assert!(line.trim_ascii().starts_with(b"{") && line.len() <= MAX_ENVELOPE_BYTES);
            assert!(!event.customer_id.is_empty());
            accept(&event, MAX_ENVELOPE_BYTES * 7);
        }
    }
    let expected = lines.split_inclusive(|byte| *byte == b'\n').count();
    assert_eq!(read, expected, "each line is read once");
}

/// What the command accepts can be sent, and arrives as it was given.
fn accept(event: &WebhookEvent, limit: usize) {
    if DESK.queue.check(event).is_err() {
        return;
    }
    let bytes = serialize_envelope(event).expect("the queue has checked it");
    assert!(bytes.len() <= limit, "{} bytes", bytes.len());
    let again = WebhookEvent::from_envelope(&bytes).expect("an envelope of ours");
    assert_eq!((&again.event_id, &again.customer_id), (&event.event_id, &event.customer_id));
    assert_eq!((&again.event_type, again.timestamp), (&event.event_type, event.timestamp));
}

fn read_secret(text: &[u8]) {
    let text = String::from_utf8_lossy(text).into_owned();
    let Ok(secret) = secret::checked(text.clone().into()) else { return };
    assert_eq!(secret.expose(), text);
    assert!(!text.contains(['\n', '\r', '\0']) && text.trim() == text, "{text:?}");
    let header = sign_payload(&text, b"{}", 1).expect("a secret that was accepted signs");
    assert!(Verifier::new([&text]).expect("and verifies").verify(header, b"{}", 1).is_ok());
}

fn read_values(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Ok(timeout) = values::parse_timeout(text) {
        assert!(!timeout.is_zero());
    }
    if let Ok(since) = values::parse_since(text) {
        // No year is later than 9999.
        assert!(since < 253_402_300_800, "{since}");
    }
}
