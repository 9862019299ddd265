//! A list that lags behind, and gateways that answer in Nango's place: neither says that a connection is gone.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use nango_core::{ConnectionRef, ConnectionStore, Nango, Tags};
use nango_emulator::{Credentials, Delivery};
use tokio::net::TcpListener;

use crate::moves::Move;
use crate::world::World;

/// Says of every list that it is this.
fn listing(list: &str) -> impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static {
    let list = list.to_owned();
    move |request| {
        let is_list = request.method() == "GET" && request.uri().path() == "/connections";
        is_list.then(|| ([(header::CONTENT_TYPE, "application/json")], list.clone()).into_response())
    }
}

/// A list that has not heard of any connection yet.
const EMPTY: &str = r#"{"connections":[]}"#;

/// A gateway that knows no such page, as Nango's own server says it of paths that it does not know.
fn no_such_page(request: &Request) -> Option<Response> {
    let page =
        || (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html")], "<h1>404</h1>").into_response();
    listing(EMPTY)(request).or_else(|| request.uri().path().starts_with("/connections/").then(page))
}

/// An address that answers some requests itself, and passes the others on.
async fn before(
    host: &str,
    answers: impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static,
) -> String {
    let host = host.to_owned();
    let pass_on = move |request: Request| {
        let (host, answers) = (host.clone(), answers.clone());
        async move {
            if let Some(answer) = answers(&request) {
                return answer;
            }
            let (head, body) = request.into_parts();
            let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
            let sent =
                nango_tests::http().request(head.method, format!("{host}{path}")).headers(head.headers);
            let reply = sent.body(to_bytes(body, usize::MAX).await.unwrap()).send().await.unwrap();
            let (status, headers) = (reply.status(), reply.headers().clone());
            let mut answer = Response::new(Body::from(reply.bytes().await.unwrap()));
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            answer
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass_on)).await.unwrap() });
    url
}

/// Alice's connection, and the delivery that tells of it.
async fn connected(world: &mut World) -> (ConnectionRef, Delivery) {
    let session = world.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    let made = world.emulator.connect(&session, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let key = ConnectionRef::new(made.integration, made.connection_id);
    world.note_maker(&key, "alice").await;
    world.collect();
    (key, world.waiting.remove(0))
}

async fn receive(world: &World, nango: &Nango, delivery: &Delivery) {
    let delivery = world.verify(&delivery.body, &delivery.hmac_sha256).unwrap();
    nango.receive(&delivery).await.unwrap();
}

/// What the list says now.
async fn list(world: &World) -> String {
    let list = nango_tests::http().get(format!("{}/connections", world.emulator.local_url()));
    list.bearer_auth(world.emulator.secret_key()).send().await.unwrap().text().await.unwrap()
}

async fn live(world: &World) -> usize {
    world.store.page(None, 10).await.unwrap().iter().filter(|row| !row.removed).count()
}

#[tokio::test]
async fn absence_from_a_list_is_not_believed() {
    let mut world = World::new().await;
    let lagging = world.instance_behind(&before(world.emulator.local_url(), listing(EMPTY)).await);
    let (_, delivery) = connected(&mut world).await;
    receive(&world, &lagging, &delivery).await;
    assert_eq!(live(&world).await, 1, "a new one that the list does not have yet");
    receive(&world, &lagging, &delivery).await;
    assert_eq!(live(&world).await, 1, "a known one that the list does not have");
    world.check_end().await;
}

#[tokio::test]
async fn a_list_that_contradicts_the_delivery_is_not_believed() {
    let mut world = World::new().await;
    let (key, delivery) = connected(&mut world).await;
    world.receive(&delivery).await;
    let lagging =
        world.instance_behind(&before(world.emulator.local_url(), listing(&list(&world).await)).await);
    world.make(&key, Move::Revoked).await;
    world.collect();
    receive(&world, &lagging, &world.waiting[0]).await;
    world.check_end().await;
}

#[tokio::test]
async fn an_old_list_gives_nothing_to_another_connection_of_the_same_name() {
    let mut world = World::new().await;
    let (key, delivery) = connected(&mut world).await;
    world.receive(&delivery).await;
    world.make(&key, Move::ReconnectedByOthers).await;
    world.collect();
    let lagging =
        world.instance_behind(&before(world.emulator.local_url(), listing(&list(&world).await)).await);
    world.nango.client().delete_connection(&key).await.unwrap();
    world.import_with(&key, &Tags::new()).await;
    receive(&world, &lagging, &world.waiting[0]).await;
    let row = world.store.get(std::slice::from_ref(&key)).await.unwrap().remove(0).unwrap();
    assert!(row.look_again_at.is_some(), "it was seen that tags are missing");
    assert!(world.now(&key).await.unwrap().tags.is_empty(), "of something else");
}

#[tokio::test]
async fn an_old_list_brings_nothing_back() {
    let mut world = World::new().await;
    let (key, delivery) = connected(&mut world).await;
    world.receive(&delivery).await;
    let lagging =
        world.instance_behind(&before(world.emulator.local_url(), listing(&list(&world).await)).await);

    let (_, connection) = world.owned(&key).await.unwrap();
    connection.disconnect().await.unwrap();
    receive(&world, &lagging, &delivery).await;
    world.check_now().await;
    assert_eq!(live(&world).await, 0, "what was disconnected");

    world.make(&key, Move::MadeAgainForBob).await;
    world.collect();
    world.deliver_all().await;
    receive(&world, &lagging, &delivery).await;
    world.check_now().await;
    world.check_end().await;
}

#[tokio::test]
async fn a_page_of_a_gateway_is_not_believed() {
    let mut world = World::new().await;
    let behind = world.instance_behind(&before(world.emulator.local_url(), no_such_page).await);
    let (key, delivery) = connected(&mut world).await;
    world.receive(&delivery).await;
    receive(&world, &behind, &delivery).await;
    assert_eq!(live(&world).await, 1);
    let row = world.store.get(&[key]).await.unwrap().remove(0).unwrap();
    assert!(row.look_again_at.is_some(), "somebody has to look again");
    assert_eq!(world.nango.drain().await.unwrap().looked, 1);
    world.check_end().await;
}
