use std::io::BufRead as _;
use std::process::{Command, Stdio};

use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{ask, emulator};
use crate::support::http;

/// Every kind of route: pages, the API, the control endpoints, unknown ones, preflights.
const ROUTES: [(&str, &str); 9] = [
    ("GET", "/"),
    ("GET", "/health"),
    ("GET", "/connect/"),
    ("GET", "/connections"),
    ("GET", "/_emulator/deliveries"),
    ("POST", "/_emulator/signing-key"),
    ("OPTIONS", "/connections"),
    ("POST", "/oauth/callback"),
    ("GET", "/no/such/route"),
];

#[tokio::test]
async fn a_rebound_name_is_refused_on_every_route() {
    let (nango, _) = emulator(None).await;
    let port = nango.local_url().rsplit(':').next().unwrap().to_owned();
    for host in ["evil.example", "host.docker.internal", "localhost.evil.example"] {
        for (method, path) in ROUTES {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = ask(&nango, &method, path, nango.secret_key());
            // The page is of the same origin, so its browser sends no `Origin` or this one.
            let origin = format!("http://{host}:{port}");
            let request = request.header("host", format!("{host}:{port}")).header("origin", origin);
            let refused = request.send().await.unwrap();
            assert_eq!(refused.status(), 403, "{host} {path}");
            assert!(!refused.headers().contains_key("access-control-allow-origin"), "{host} {path}");
            let text = refused.text().await.unwrap();
            assert!(text.contains("--allow-host"), "{text}");
        }
    }
}

#[tokio::test]
async fn allowed_names_and_addresses_are_served() {
    let nango = Emulator::builder().allow_host("nango_emulator").public_url("https://nango.example/x");
    let nango = nango.start().await.unwrap();
    for host in ["localhost:1", "192.168.0.7", "[::1]:3003", "nango_emulator:3003", "NANGO.example"] {
        let request = ask(&nango, &Method::GET, "/connections", nango.secret_key()).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), 200, "{host}");
    }
    for name in ["", "*", "name:3003", "http://name", "a/b"] {
        let refused = Emulator::builder().allow_host(name).start().await.unwrap_err();
        assert!(refused.to_string().contains("allow_host"), "{name}: {refused}");
    }
}

#[tokio::test]
async fn configuration_file_allows_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    std::fs::write(&file, json!({ "allowed_hosts": ["nango"] }).to_string()).unwrap();
    let nango = Emulator::builder().config_file(&file).start().await.unwrap();
    let request = ask(&nango, &Method::GET, "/health", "").header("host", "nango:3003");
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn requests_without_a_host_or_with_two_are_refused() {
    let nango = Emulator::builder().start().await.unwrap();
    for head in [
        "GET /_emulator/deliveries HTTP/1.0\r\n\r\n",
        "GET /_emulator/deliveries HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET /_emulator/deliveries HTTP/1.1\r\nhost: localhost\r\nhost: evil\r\nconnection: close\r\n\r\n",
        "GET http://evil/_emulator/deliveries HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ] {
        let address = nango.local_url().trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(!answer.contains(" 200 ") && !answer.contains("deliveries\""), "{head}: {answer}");
    }
}

#[tokio::test]
async fn the_programs_flag_allows_hosts() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_nango-emulator"))
        .args(["--listen", "127.0.0.1:0", "--allow-host", "one", "--allow-host", "two"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Kept until the end: a program whose output is closed ends at its next line.
    let mut output = std::io::BufReader::new(program.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("url=").unwrap();
    let ask = async |host: &str| {
        let request = http().get(url.replace("localhost", "127.0.0.1")).header("host", host);
        request.send().await.unwrap().status().as_u16()
    };
    let answers = [ask("one:3003").await, ask("two").await, ask("three").await];
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(answers, [200, 200, 403]);
}
