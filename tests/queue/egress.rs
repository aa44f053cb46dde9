//! The command's way out: a proxy, and certificates of one's own.

use crate::command::{Operator, SECRET};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;

fn send(operator: &Operator, options: &[&str], proxy: Option<&str>) -> Output {
    let to = ["send", "--to", "https://192.0.2.1:8443/hook", "--type", "deal.won", "--customer", "cus_1"];
    let mut command = operator.command(&[&to[..], &["--allow-network", "192.0.2.0/24"], options].concat());
    command.env("DEALIX_WEBHOOK_SECRET", SECRET).env_remove("DEALIX_PROXY");
    if let Some(proxy) = proxy {
        command.env("DEALIX_PROXY", proxy);
    }
    let output = command.output().expect("dealix-sender runs");
    assert!(!format!("{output:?}").contains("hunter2"), "{output:?}");
    output
}

fn text(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A proxy that refuses whatever it is asked. Returns its address, and a thread that returns what it was asked.
fn refusing_proxy() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            request.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").expect("answered");
        String::from_utf8(request).expect("text")
    });
    (address, asked)
}

#[test]
fn every_delivery_goes_through_the_proxy_that_is_given() {
    let operator = Operator::new();
    let (address, asked) = refusing_proxy();
    let refused = text(&send(&operator, &["--proxy", &format!("http://{address}")], None));
    assert!(refused.contains("403"), "{refused}");
    assert!(asked.join().expect("asked").starts_with("CONNECT 192.0.2.1:8443 HTTP/1.1\r\n"));

    let (address, asked) = refusing_proxy();
    send(&operator, &[], Some(&format!("http://ann:hunter2@{address}")));
    let asked = asked.join().expect("asked").to_lowercase();
    assert!(asked.contains("proxy-authorization: basic "), "{asked}");
}

#[test]
fn a_proxy_in_the_environment_comes_before_that_in_the_file() {
    let operator = Operator::new();
    let config = |proxy: &str| {
        let file = operator.0.path().join("dealix.toml");
        std::fs::write(file, format!("[send]\nproxy = \"{proxy}\"")).expect("a file");
    };
    let named = ["--config", "dealix.toml"];
    let (address, asked) = refusing_proxy();
    config(&format!("http://{address}"));
    send(&operator, &named, None);
    asked.join().expect("asked");

    config("http://127.0.0.1:1");
    let (address, asked) = refusing_proxy();
    assert!(text(&send(&operator, &named, Some(&format!("http://{address}")))).contains("403"));
    asked.join().expect("asked");

    config("http://ann:hunter2@localhost:3128");
    let refused = text(&send(&operator, &named, None));
    assert!(refused.contains("dealix.toml:2: send.proxy: a user and a password do not belong here"), "{refused}");
}

#[test]
fn a_password_for_the_proxy_is_no_argument() {
    let operator = Operator::new();
    let refused = text(&send(&operator, &["--proxy", "http://ann:hunter2@localhost:3128"], None));
    assert!(refused.contains("set DEALIX_PROXY instead"), "{refused}");
    for (proxy, reason) in [("socks5://localhost:1080", "must begin with http://"), ("nonsense", "http://HOST:PORT")] {
        let refused = text(&send(&operator, &["--proxy", proxy], None));
        assert!(refused.contains("--proxy") && refused.contains(reason), "{refused}");
        let refused = text(&send(&operator, &[], Some(proxy)));
        assert!(refused.contains("DEALIX_PROXY") && refused.contains(reason), "{refused}");
    }
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let operator = Operator::new();
    let missing = text(&send(&operator, &["--root-certificates", "missing.pem"], None));
    assert!(missing.contains("--root-certificates missing.pem: No such file"), "{missing}");
    std::fs::write(operator.0.path().join("empty.pem"), "").expect("a file");
    let empty = text(&send(&operator, &["--root-certificates", "empty.pem"], None));
    assert!(empty.contains("certificate"), "{empty}");
}
