//! The memory that a large response takes: no more than its limit.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

use std::fs;

use nango_client::{Client, ConnectionKey, ErrorKind, SessionDefaults, Tags};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const MIB: usize = 1024 * 1024;

/// Room for everything but the body.
const BESIDE: usize = 12 * MIB;

/// Returns the most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Starts a server whose responses have this header and 1 GiB of body.
async fn server(header: &'static str) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            for _ in 0..1024 * 16 {
                if stream.write_all(piece.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    client
}

/// One test, since the peak is the process's.
#[tokio::test]
async fn a_response_takes_no_more_memory_than_its_limit() {
    let key = ConnectionKey::new("slack", "c");
    let chunked = server("transfer-encoding: chunked").await;
    let declared = server("content-length: 1073741824").await;
    let before = peak();
    for client in [&chunked, &declared] {
        let reply = client.proxy(&key).get("/export").response_limit(MIB).send().await;
        assert_eq!(reply.unwrap_err().kind(), ErrorKind::TooLarge);
    }
    assert!(peak() - before < MIB + BESIDE, "{}", peak() - before);
    for client in [&chunked, &declared] {
        let session = client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await;
        assert_eq!(session.unwrap_err().kind(), ErrorKind::TooLarge);
    }
    assert!(peak() - before < 32 * MIB + BESIDE, "{}", peak() - before);
    // Not a power of two: room that doubles must not exceed the limit.
    let reply = chunked.proxy(&key).get("/export").response_limit(70 * MIB).send().await;
    assert_eq!(reply.unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(peak() - before < 70 * MIB + BESIDE, "{}", peak() - before);
}
