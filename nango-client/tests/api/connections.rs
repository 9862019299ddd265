use nango_client::{ConnectionKey, ErrorKind, Tags};
use serde_json::{Map, Value};

use crate::server::{Prepared, Server, connection};

fn page(ids: &[&str]) -> Prepared {
    let rows: Vec<_> = ids.iter().map(|id| connection(id)).collect();
    (200, "", format!(r#"{{"connections":[{}]}}"#, rows.join(",")))
}

fn slack() -> ConnectionKey {
    ConnectionKey::new("slack", "a/b")
}

#[tokio::test]
async fn filters_limit_and_page_are_in_the_query() {
    let server = Server::start([page(&["a/b"]), page(&[])]).await;
    let list = server.client.connections().key(&slack()).tag("plan", "p&q").limit(10).page(2);
    let found = list.send().await.unwrap();
    assert_eq!(found.connections[0].key, slack());
    assert!(server.client.connections().send().await.unwrap().is_empty());
    assert_eq!(
        server.lines(),
        [
            "GET /connections?limit=10&page=2&connectionId=a%2Fb&integrationId=slack&tags%5Bplan%5D=p%26q",
            "GET /connections?limit=100&page=0",
        ]
    );
    assert!(server.requests()[0].head.contains("authorization: Bearer key"));
}

#[tokio::test]
async fn a_walk_ends_after_a_page_shorter_than_the_limit() {
    let server = Server::start([page(&["a", "b"]), page(&["c"])]).await;
    let mut pages = server.client.connections().limit(2).pages();
    let mut lengths = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        lengths.push(page.len());
    }
    assert_eq!(lengths, [2, 1]);
    assert_eq!(pages.next_page().await.unwrap(), None);
    assert_eq!(server.lines(), ["GET /connections?limit=2&page=0", "GET /connections?limit=2&page=1"]);
}

#[tokio::test]
async fn a_page_that_failed_is_requested_again() {
    let server = Server::start([page(&["a"]), (503, "", String::new()), page(&[])]).await;
    let mut pages = server.client.connections().limit(1).pages();
    assert_eq!(pages.next_page().await.unwrap().map(|page| page.len()), Some(1));
    assert_eq!(pages.next_page().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(pages.next_page().await.unwrap(), None);
    assert_eq!(server.lines()[1..], ["GET /connections?limit=1&page=1"; 2]);
}

#[tokio::test]
async fn a_limit_that_nango_does_not_have_is_not_sent() {
    let server = Server::start([]).await;
    for limit in [0, 2_001] {
        let error = server.client.connections().limit(limit).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}

#[tokio::test]
async fn tags_metadata_and_deletion_name_the_connection() {
    let done = || (200, "", r#"{"success":true}"#.to_owned());
    let server = Server::start([done(), done(), done(), done()]).await;
    let (client, mut tags) = (&server.client, Tags::new());
    tags.insert("plan", "pro").unwrap();
    client.set_tags(&slack(), &tags).await.unwrap();
    let metadata = Map::from_iter([("a".to_owned(), Value::Null)]);
    client.set_metadata(&slack(), &metadata).await.unwrap();
    client.update_metadata(&slack(), &metadata).await.unwrap();
    client.delete_connection(&slack()).await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "PATCH /connections/a%2Fb?provider_config_key=slack",
            "POST /connections/metadata",
            "PATCH /connections/metadata",
            "DELETE /connections/a%2Fb?provider_config_key=slack",
        ]
    );
    let bodies: Vec<_> = server.requests().into_iter().map(|request| request.body).collect();
    let metadata = r#"{"connection_id":"a/b","provider_config_key":"slack","metadata":{"a":null}}"#;
    assert_eq!(bodies, [r#"{"tags":{"plan":"pro"}}"#, metadata, metadata, ""]);
}
