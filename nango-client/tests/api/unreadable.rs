//! Rows that cannot be read, among others that can.

use nango_client::{ConnectionKey, ErrorKind, Lookup, Refresh};
use serde_json::Value;

use crate::server::{Server, connection};

fn slack(id: &str) -> ConnectionKey {
    ConnectionKey::new("slack", id)
}

/// Returns JSON that is nested this deep.
fn nested(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

fn with_metadata(id: &str, metadata: &str) -> String {
    connection(id).replace(r#"{"a":1}"#, metadata)
}

fn deep(id: &str) -> String {
    with_metadata(id, &format!(r#"{{"a":{}}}"#, nested(100_000)))
}

fn list(rows: &[String]) -> String {
    format!(r#"{{"connections":[{}]}}"#, rows.join(","))
}

/// Returns rows that cannot be read, each with `true` if its key can.
fn broken_rows() -> Vec<(String, bool)> {
    let valid = connection("broken");
    let edited = |from: &str, to: &str| {
        assert!(valid.contains(from), "{from}");
        valid.replace(from, to)
    };
    vec![
        (deep("broken"), true),
        (with_metadata("broken", r#"{"n":1e999}"#), true),
        (with_metadata("broken", r#"{"s":"\ud800"}"#), true),
        (with_metadata("broken", "[]"), true),
        (edited(r#""id":7"#, r#""id":"seven""#), true),
        (edited(r#""id":7"#, r#""id":99999999999999999999"#), true),
        (edited(r#""errors":[]"#, r#""errors":null"#), true),
        (edited(r#""tags":{}"#, r#""tags":{"a":{"b":1}}"#), true),
        (edited(r#""tags":{}"#, &format!(r#""tags":{}"#, nested(100_000))), true),
        (edited("2026-11-23T09:02:01Z", "yesterday"), true),
        (edited(r#""provider":"slack","#, ""), true),
        (edited(r#""connection_id":"broken""#, r#""connection_id":7"#), false),
        (edited(r#""connection_id":"broken""#, r#""connection_id":"\ud800""#), false),
        ("null".to_owned(), false),
        ("[]".to_owned(), false),
        (nested(100_000), false),
        ("{}".to_owned(), false),
    ]
}

#[tokio::test]
async fn a_row_that_cannot_be_read_leaves_the_others_of_its_page_readable() {
    let page = |row: String| (200, "", list(&[connection("a"), row, connection("b")]));
    let server = Server::start(broken_rows().into_iter().map(|(row, _)| page(row))).await;
    for (row, has_key) in broken_rows() {
        let page = server.client.connections().limit(3).send().await.unwrap();
        let row = &row[..row.len().min(300)];
        let keys: Vec<_> = page.connections.iter().map(|found| found.key.clone()).collect();
        assert_eq!(keys, [slack("a"), slack("b")], "{row}");
        let unreadable: Vec<_> = page.unreadable.iter().map(|row| row.key.clone()).collect();
        assert_eq!(unreadable, [has_key.then(|| slack("broken"))], "{row}");
        assert_eq!((page.len(), page.requests), (3, 1), "{row}");
    }
}

#[tokio::test]
async fn a_walk_counts_unreadable_rows() {
    let pages = [[connection("a"), deep("b")], [deep("c"), deep("d")]];
    let prepared = |rows: &[String]| (200, "", list(rows));
    let server = Server::start([prepared(&pages[0]), prepared(&pages[1]), prepared(&[])]).await;
    let mut pages = server.client.connections().limit(2).pages();
    let mut found = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        found.push((page.connections.len(), page.unreadable.len()));
    }
    assert_eq!(found, [(1, 1), (0, 2)], "a page of unreadable rows is not the last one");
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn a_response_that_is_not_a_list_is_still_an_error() {
    let bodies = ["{}", "[]", "<html>", r#"{"connections":null}"#, r#"{"connections":[1,]}"#, "{"];
    let server = Server::start(bodies.map(|body| (200, "", body.to_owned()))).await;
    for body in bodies {
        let error = server.client.connections().send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{body}");
    }
}

#[tokio::test]
async fn without_metadata_a_connection_is_read_whatever_its_metadata() {
    let refusal = format!(
        r#"{{"error":{{"code":"invalid_credentials","message":"m","payload":{{"connection":{}}}}}}}"#,
        deep("a")
    );
    let server =
        Server::start([(200, "", list(&[deep("a")])), (200, "", deep("a")), (424, "", refusal.clone())])
            .await;
    let client = server.client.without_metadata();
    let page = client.connections().send().await.unwrap();
    assert_eq!((page.connections.len(), page.unreadable.len()), (1, 0));
    assert!(page.connections[0].metadata.is_empty());
    let look_up = async || client.look_up(&slack("a"), Refresh::WhenDue).await;
    assert!(matches!(look_up().await, Ok(Lookup::Working(found)) if found.metadata.is_empty()));
    assert!(matches!(look_up().await, Ok(Lookup::Broken(found)) if found.incarnation == 7));

    // With metadata it is this connection's own failure, and not one of Nango.
    let server = Server::start([(200, "", deep("a")), (424, "", refusal), (200, "", deep("a"))]).await;
    for _ in 0..2 {
        let error = server.client.look_up(&slack("a"), Refresh::WhenDue).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Decode, false));
    }
    let error = server.client.without_metadata().metadata(&slack("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "metadata that is asked for is read");
}

#[tokio::test]
async fn metadata_of_127_levels_is_read() {
    for (levels, expected) in [(127, 1), (128, 0)] {
        let row = with_metadata("a", &format!(r#"{{"a":{}}}"#, nested(levels - 1)));
        let server = Server::json(200, &list(&[row])).await;
        let page = server.client.connections().send().await.unwrap();
        assert_eq!((page.connections.len(), page.len()), (expected, 1), "{levels}");
    }
}

#[tokio::test]
async fn a_client_without_metadata_reads_metadata_that_is_asked_for() {
    let server = Server::json(200, &connection("a")).await;
    let metadata = server.client.without_metadata().background().metadata(&slack("a")).await.unwrap();
    assert_eq!(metadata["a"], Value::from(1));
}

#[tokio::test]
async fn a_look_up_of_a_connection_that_cannot_be_read_is_an_error_of_that_connection() {
    let server = Server::start(broken_rows().into_iter().map(|(row, _)| (200, "", row))).await;
    for (body, has_key) in broken_rows() {
        let error = server.client.look_up(&slack("broken"), Refresh::WhenDue).await.unwrap_err();
        let expected = if has_key { ErrorKind::Decode } else { ErrorKind::Unavailable };
        assert_eq!(error.kind(), expected, "{}", &body[..body.len().min(300)]);
    }
}
