//! A stale list, or a gateway that answers in Nango's place, does not prove that a connection is
//! gone.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use nango_core::{ConnectionKey, ConnectionStore, Tags};
use nango_emulator::{Credentials, Delivery};
use nango_tests::{call_nango, http, send};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::harness::Harness;
use crate::upstream::UpstreamEvent;

/// Answers every request for a list with this one.
fn listing(list: &str) -> impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static {
    let list = list.to_owned();
    move |request| {
        let is_list = request.method() == "GET" && request.uri().path() == "/connections";
        is_list.then(|| ([(header::CONTENT_TYPE, "application/json")], list.clone()).into_response())
    }
}

/// A list that is older than every connection.
const EMPTY: &str = r#"{"connections":[]}"#;

/// Answers like a gateway without such a page, which Nango's own server does for unknown paths.
fn no_such_page(request: &Request) -> Option<Response> {
    let page =
        || (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html")], "<h1>404</h1>").into_response();
    listing(EMPTY)(request).or_else(|| request.uri().path().starts_with("/connections/").then(page))
}

/// Serves a gateway that answers some requests itself and forwards the others.
async fn gateway(
    host: &str,
    answers: impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static,
) -> String {
    let host = host.to_owned();
    let forward = move |request: Request| {
        let (host, answers) = (host.clone(), answers.clone());
        async move {
            if let Some(answer) = answers(&request) {
                return answer;
            }
            let (head, body) = request.into_parts();
            let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
            let sent = http().request(head.method, format!("{host}{path}")).headers(head.headers);
            let reply = send(sent.body(to_bytes(body, usize::MAX).await.unwrap())).await.unwrap();
            let status = StatusCode::from_u16(reply.status).unwrap();
            (status, reply.headers, reply.body).into_response()
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(forward)).await.unwrap() });
    url
}

/// Connects alice; returns the delivery, too.
async fn connected(harness: &mut Harness) -> (ConnectionKey, Delivery) {
    let session = harness.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    let made = harness.emulator.connect(&session, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let key = ConnectionKey::new(made.integration, made.connection_id);
    harness.note_owner(&key, "alice").await;
    harness.collect();
    (key, harness.waiting.remove(0))
}

/// Returns the list as it is now.
async fn list(harness: &Harness) -> String {
    call_nango(&harness.emulator, Method::GET, "/connections", None).await.body
}

async fn live(harness: &Harness) -> usize {
    harness.store.page(None, 10).await.unwrap().iter().filter(|row| !row.removed).count()
}

#[tokio::test]
async fn absence_from_a_list_removes_nothing() {
    let mut harness = Harness::new().await;
    let lagging = harness.instance_behind(&gateway(harness.emulator.local_url(), listing(EMPTY)).await);
    let (_, delivery) = connected(&mut harness).await;
    harness.receive_at(&lagging, &delivery).await;
    assert_eq!(live(&harness).await, 1, "a new connection that is not in the list yet");
    harness.receive_at(&lagging, &delivery).await;
    assert_eq!(live(&harness).await, 1, "a known connection that is not in the list");
    harness.check_end().await;
}

#[tokio::test]
async fn a_list_that_contradicts_the_delivery_is_not_trusted() {
    let mut harness = Harness::new().await;
    let (key, delivery) = connected(&mut harness).await;
    harness.receive(&delivery).await;
    let lagging =
        harness.instance_behind(&gateway(harness.emulator.local_url(), listing(&list(&harness).await)).await);
    harness.cause(&key, UpstreamEvent::Revoked).await;
    harness.collect();
    harness.receive_at(&lagging, &harness.waiting[0]).await;
    harness.check_end().await;
}

#[tokio::test]
async fn a_stale_list_repairs_no_other_incarnation() {
    let mut harness = Harness::new().await;
    let (key, delivery) = connected(&mut harness).await;
    harness.receive(&delivery).await;
    harness.cause(&key, UpstreamEvent::ReconnectedWithoutTags).await;
    harness.collect();
    let lagging =
        harness.instance_behind(&gateway(harness.emulator.local_url(), listing(&list(&harness).await)).await);
    harness.nango.unscoped_client().delete_connection(&key).await.unwrap();
    harness.import_with(&key, &Tags::new()).await;
    harness.receive_at(&lagging, &harness.waiting[0]).await;
    let row = harness.store.get(std::slice::from_ref(&key)).await.unwrap().remove(0).unwrap();
    assert!(row.look_again_at.is_some(), "the missing tags were seen");
    assert!(harness.now(&key).await.unwrap().tags.is_empty(), "another incarnation's tags");
}

#[tokio::test]
async fn a_stale_list_revives_nothing() {
    let mut harness = Harness::new().await;
    let (key, delivery) = connected(&mut harness).await;
    harness.receive(&delivery).await;
    let lagging =
        harness.instance_behind(&gateway(harness.emulator.local_url(), listing(&list(&harness).await)).await);

    let (_, connection) = harness.owned(&key).await.unwrap();
    connection.disconnect().await.unwrap();
    harness.receive_at(&lagging, &delivery).await;
    harness.check_now().await;
    assert_eq!(live(&harness).await, 0, "the connection was disconnected");

    harness.cause(&key, UpstreamEvent::RecreatedForBob).await;
    harness.collect();
    harness.deliver_all().await;
    harness.receive_at(&lagging, &delivery).await;
    harness.check_now().await;
    harness.check_end().await;
}

#[tokio::test]
async fn an_error_page_of_a_gateway_removes_nothing() {
    let mut harness = Harness::new().await;
    let behind = harness.instance_behind(&gateway(harness.emulator.local_url(), no_such_page).await);
    let (key, delivery) = connected(&mut harness).await;
    harness.receive(&delivery).await;
    harness.receive_at(&behind, &delivery).await;
    assert_eq!(live(&harness).await, 1);
    let row = harness.store.get(&[key]).await.unwrap().remove(0).unwrap();
    assert!(row.look_again_at.is_some(), "a mark was left");
    assert_eq!(harness.nango.drain().await.unwrap().looked, 1);
    harness.check_end().await;
}
