//! The memory that streams take: that of a page or a part, however much passes through.
//!
//! 1 GiB, and a million records with `NANGO_TEST_FULL_STREAMS`, otherwise a tenth of them:
//! `cargo test -p nango-client --test streams -- --nocapture` prints the figures.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use futures_util::{Stream, StreamExt as _};
use nango_client::{Client, ConnectionKey, Error};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

const MIB: usize = 1024 * 1024;

/// The most that a stream may add to the memory of this process, which the server is in, too.
const RECORDS_LIMIT: usize = 16 * MIB;
const DOWNLOAD_LIMIT: usize = 32 * MIB;

const PAGE: u32 = 1_000;

/// The length of the download, in bytes.
const FILE: usize = 1024 * MIB;

/// Returns the number of records.
fn record_count() -> usize {
    if std::env::var_os("NANGO_TEST_FULL_STREAMS").is_some() { 1_000_000 } else { 100_000 }
}

#[derive(serde::Deserialize)]
struct Issue {
    title: String,
}

/// Returns the most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Starts a server that generates pages of records, and a file behind the proxy.
async fn server(records: usize) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                while let Some(target) = next_target(&mut stream).await {
                    if target.starts_with("/proxy/") {
                        send_file(stream.get_mut()).await;
                    } else {
                        send_page(stream.get_mut(), &target, records).await;
                    }
                }
            });
        }
    });
    client
}

/// Reads a request without a body, and returns its path and query.
async fn next_target(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut target = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return None;
        }
        if line == "\r\n" {
            return target;
        }
        target = target.or_else(|| line.split(' ').nth(1).map(str::to_owned));
    }
}

/// Sends the records after a cursor, which is the number of a record.
async fn send_page(stream: &mut TcpStream, target: &str, total: usize) {
    let query = |name: &str| {
        let (_, rest) = target.split_once(&format!("{name}="))?;
        rest.split('&').next()?.parse::<usize>().ok()
    };
    let first = query("cursor").unwrap_or(0) + 1;
    let last = total.min(first - 1 + query("limit").unwrap());
    let mut body = String::from(r#"{"records":["#);
    for number in first..=last {
        let comma = if number == first { "" } else { "," };
        let time = "2026-01-02T03:04:05.678901+00:00";
        write!(
            body,
            r#"{comma}{{"id":"{number}","title":"{number:0200}","_nango_metadata":{{"first_seen_at":"{time}",
            "last_modified_at":"{time}","last_action":"ADDED","deleted_at":null,"pruned_at":null,"cursor":"{number}"}}}}"#
        )
        .unwrap();
    }
    let next = if last < total { format!("\"{last}\"") } else { "null".to_owned() };
    write!(body, r#"],"next_cursor":{next}}}"#).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
}

async fn send_file(stream: &mut TcpStream) {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {FILE}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let part = vec![b'x'; 64 * 1024];
    for _ in 0..FILE / part.len() {
        stream.write_all(&part).await.unwrap();
    }
}

/// Reads a stream to its end, and returns the number of its items and the sum of their lengths.
async fn drain<T>(
    mut stream: impl Stream<Item = Result<T, Error>> + Unpin,
    length: impl Fn(T) -> usize,
) -> (usize, usize) {
    let mut sums = (0, 0);
    while let Some(item) = stream.next().await {
        sums = (sums.0 + 1, sums.1 + length(item.unwrap()));
    }
    sums
}

#[expect(clippy::print_stdout, reason = "the figures are for a person who asks for them")]
fn report(what: &str, before: usize, began: Instant) -> usize {
    let after = peak();
    let kib = |bytes: usize| bytes / 1024;
    println!("{what}: peak {} KiB before, {} KiB after, {:?}", kib(before), kib(after), began.elapsed());
    after - before
}

/// One test, since the peak is the process's.
#[tokio::test]
async fn streams_take_the_memory_of_a_part() {
    let count = record_count();
    let client = server(count).await;
    let key = ConnectionKey::new("github", "c");

    let (before, began) = (peak(), Instant::now());
    let file = client.proxy(&key).get("/export").send_streamed().await.unwrap();
    let (_, length) = drain(file, |part| part.len()).await;
    assert_eq!(length, FILE);
    let taken = report("1 GiB", before, began);
    assert!(taken < DOWNLOAD_LIMIT, "{taken}");

    let (before, began) = (peak(), Instant::now());
    let records = client.records::<Issue>(&key, "Issue").limit(PAGE).stream();
    let read = drain(records, |record| record.into_present().unwrap().title.len()).await;
    assert_eq!(read, (count, count * 200));
    let taken = report(&format!("{count} records"), before, began);
    assert!(taken < RECORDS_LIMIT, "{taken}");
}
