//! What is kept of a response.

use crate::support::server::{Server, read_request};
use dealix_webhooks::sender::{
    DeliveryRequest, DeliveryResult, EndpointPolicy, HttpOptions, HttpTransport, ResponseExcerpt, Transport,
};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

const MAX_BYTES: usize = 1024;

fn options() -> HttpOptions {
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    HttpOptions { endpoints, ..Default::default() }
}

async fn send(options: HttpOptions, server: &Server) -> DeliveryResult {
    let transport = HttpTransport::new(options).expect("a transport");
    transport.send(DeliveryRequest { url: server.url(), headers: Vec::new(), body: "{}".into() }).await
}

async fn respond(head: &[u8], body: &[u8]) -> Option<ResponseExcerpt> {
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    let server = Server::answering([b"HTTP/1.1 ", head, b"\r\n", length.as_bytes(), body].concat()).await;
    let result = send(options(), &server).await;
    assert_eq!(result.error, None);
    result.excerpt
}

async fn kept(body: impl AsRef<[u8]>) -> String {
    respond(b"500 Oops", body.as_ref()).await.expect("a body").body
}

#[tokio::test]
async fn the_beginning_of_every_response_with_a_body_is_kept() {
    for status in ["200 OK", "301 Moved", "404 Not Found", "503 Later"] {
        let head = format!("{status}\r\nContent-Type: text/plain; charset=utf-8");
        let excerpt = respond(head.as_bytes(), b"no such hook\n\tat line 1").await.expect("a body");
        assert_eq!(excerpt.body, "no such hook\n\tat line 1", "{status}");
        assert_eq!(excerpt.content_type.as_deref(), Some("text/plain; charset=utf-8"), "{status}");
    }
    assert_eq!(respond(b"200 OK", b"ok").await.expect("a body").content_type, None);
    assert_eq!(respond(b"200 OK\r\nContent-Type: text/plain", b"").await, None);
    assert_eq!(respond(b"204 No Content", b"").await, None);
}

#[tokio::test]
async fn at_most_1024_bytes_are_kept() {
    for length in [1, MAX_BYTES - 1, MAX_BYTES, MAX_BYTES + 1, MAX_BYTES + 4, 1024 * 1024] {
        assert_eq!(kept(vec![b'a'; length]).await, "a".repeat(length.min(MAX_BYTES)), "{length}");
    }
}

#[tokio::test]
async fn a_character_is_kept_whole_or_not_at_all() {
    for character in ["é", "€", "😀"] {
        for before in 0..4 {
            let text = "a".repeat(before) + &character.repeat(MAX_BYTES);
            let whole = (MAX_BYTES - before) / character.len();
            assert_eq!(kept(&text).await, "a".repeat(before) + &character.repeat(whole), "{character} {before}");
        }
    }
    // A body may end in the middle of one.
    assert_eq!(kept("a€".as_bytes().split_last().expect("bytes").1).await, "a\u{fffd}");
}

#[tokio::test]
async fn what_is_kept_is_safe_to_print_and_to_store() {
    assert_eq!(kept(b"\x1b[31mred\x07\0\r\n\x7f\xc2\x9b").await, "�[31mred���\n��");
    assert_eq!(kept(b"\xff\xfe\x80caf\xe9").await, "���caf�");
    for byte in [b'\0', 0xff] {
        // Each becomes three bytes.
        let binary = kept(vec![byte; 64 * 1024]).await;
        assert_eq!(binary, "\u{fffd}".repeat(MAX_BYTES / 3), "{byte}");
    }
}

#[tokio::test]
async fn a_content_type_is_cut_and_made_safe() {
    let head = [b"200 OK\r\nContent-Type: \xc2\x9b\xff", "é".repeat(200).as_bytes()].concat();
    let content_type = respond(&head, b"ok").await.expect("a body").content_type.expect("a type");
    assert_eq!(content_type, "\u{fffd}\u{fffd}".to_owned() + &"é".repeat(61));
    assert_eq!(content_type.len(), 128);
}

#[tokio::test]
async fn a_body_in_pieces_is_kept_as_one_even_if_it_is_cut_off() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 502 Oops\r\nContent-Length: 100\r\n\r\n").await;
        for byte in "€uro".bytes() {
            let _ = stream.write_u8(byte).await;
            sleep(Duration::from_millis(5)).await;
        }
        std::future::pending().await
    })
    .await;
    let result = send(HttpOptions { timeout: Duration::from_secs(2), ..options() }, &server).await;
    assert!(result.error.is_some(), "{result:?}");
    assert_eq!(result.excerpt.expect("a body").body, "€uro");
}

#[tokio::test]
async fn nothing_is_kept_if_that_is_switched_off() {
    let server = Server::answering("HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\nsorry").await;
    let result = send(HttpOptions { keep_excerpt: false, ..options() }, &server).await;
    assert_eq!((result.status_code, result.excerpt), (Some(500), None));
}

#[tokio::test]
async fn debug_output_shows_no_response() {
    let server = Server::answering("HTTP/1.1 500 Oops\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nsorry").await;
    let result = send(options(), &server).await;
    let shown = format!("{result:?}");
    assert!(shown.contains("[5 bytes]") && !shown.contains("sorry") && !shown.contains("a/b"), "{shown}");
}
