//! Pages of a list that are larger than a client reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nango_client::{Client, ConnectionKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::connection;

/// More than the largest response that is read.
const TOO_LARGE: usize = 32 * 1024 * 1024 + 1;

/// Starts a server with a list of these connections, of which one has metadata of more than the
/// largest response.
async fn list_with_a_large_row(count: usize, large: usize) -> (Client, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, Ordering::Relaxed);
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let number = |name: &str| -> usize {
                let value = request.split_once(&format!("{name}=")).unwrap().1;
                value.split(['&', ' ']).next().unwrap().parse().unwrap()
            };
            let (limit, page) = (number("limit"), number("page"));
            let positions = (page * limit).min(count)..((page + 1) * limit).min(count);
            let rows: Vec<_> = positions.clone().map(|n| connection(&format!("c-{n}"))).collect();
            let body = format!(r#"{{"connections":[{}]}}"#, rows.join(","));
            let length = if positions.contains(&large) { TOO_LARGE } else { body.len() };
            let head = format!("HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            // The client closes the connection of a response that is too large.
            let _ = stream.write_all((head + &body).as_bytes()).await;
        }
    });
    (client, requests)
}

#[tokio::test]
async fn a_page_that_is_too_large_is_requested_again_in_halves() {
    for (count, limit, page, large) in [
        (16, 8, 0, 3),
        (16, 8, 1, 15),
        (16, 8, 1, 8),
        (1_000, 125, 3, 400),
        (1_000, 997, 0, 996),
        (1_000, 7, 4, 34),
        (30, 1_000, 0, 29),
        (30, 1_000, 0, 0),
        (5, 1, 2, 2),
    ] {
        let (client, requests) = list_with_a_large_row(count, large).await;
        let found = client.connections().limit(limit).page(page).send().await.unwrap();
        let first = (page * limit) as usize;
        let expected: Vec<_> = (first..count.min(first + limit as usize))
            .filter(|n| *n != large)
            .map(|n| ConnectionKey::new("slack", format!("c-{n}")))
            .collect();
        let keys: Vec<_> = found.connections.iter().map(|found| found.key.clone()).collect();
        assert_eq!(keys, expected, "{count} {limit} {page} {large}");
        assert_eq!(found.unreadable.len(), 1);
        assert_eq!(found.unreadable[0].key, None);
        assert_eq!(found.requests as usize, requests.load(Ordering::Relaxed));
        assert!(found.requests <= 31, "three for each halving: {found:?}");
    }
}

#[tokio::test]
async fn a_walk_goes_on_after_a_row_that_is_too_large() {
    let (client, _) = list_with_a_large_row(10, 3).await;
    let mut pages = client.connections().limit(4).pages();
    let mut lengths = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        lengths.push((page.connections.len(), page.unreadable.len()));
    }
    assert_eq!(lengths, [(3, 1), (4, 0), (2, 0)]);
}
