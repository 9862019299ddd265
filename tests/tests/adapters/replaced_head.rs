//! An extractor that replaces the head which it is lent, without effect on the reply.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use nango_core::testing::adapter::send;
use nango_core::{MemoryStore, Nango, Owner, SigningKeys, TagMapper};
use nango_emulator::{Credentials, Emulator};
use serde_json::{Value, json};

#[derive(TagMapper)]
struct User {
    #[nango(id = "end_user_id")]
    id: String,
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = Infallible;

    /// Turns every request into one that `admit` refuses, at the path in the header `x-replaced`.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let uri: Uri = parts.headers["x-replaced"].to_str().unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-length", "1000000".parse().unwrap());
        headers.insert("origin", "https://evil.example".parse().unwrap());
        headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
        *parts = Request::new(()).into_parts().0;
        (parts.method, parts.uri, parts.headers) = (Method::PUT, uri, headers);
        Ok(Self { id: "alice".to_owned() })
    }
}

/// An app with a login of that kind, and two connections of alice which only Nango knows yet.
struct App {
    address: SocketAddr,
    nango: Nango,
    _emulator: Emulator,
}

impl App {
    async fn start() -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, MemoryStore::new())
            .host(emulator.local_url())
            .allowed_integrations(["openai"])
            .entity::<User>()
            .build()
            .unwrap();
        for key in ["sk-1", "sk-2"] {
            let token = emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
            emulator.connect(&token, "openai", Credentials::api_key(key)).await.unwrap();
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router: Router = nango_axum::router::<User, _>(nango.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, nango, _emulator: emulator }
    }

    /// Sends a request whose path the extractor replaces.
    async fn send(&self, method: &str, path: &str, replaced: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("x-replaced", replaced);
        let reply = send(self.address, request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await;
        (reply.status().as_u16(), serde_json::from_slice(reply.body()).unwrap_or_default())
    }

    async fn handles(&self) -> [String; 2] {
        let connections = self.nango.sync(&Owner::new("user", "alice")).await.unwrap();
        [connections[0].handle(), connections[1].handle()]
    }
}

#[tokio::test]
async fn the_list_looks_at_nango_as_admitted() {
    let app = App::start().await;
    assert_eq!(app.send("GET", "/connections", "/connections?sync=true", "").await, (200, json!([])));
    let (status, list) = app.send("GET", "/connections?sync=true", "/connections", "").await;
    assert_eq!((status, list.as_array().unwrap().len()), (200, 2));
}

#[tokio::test]
async fn a_check_finds_the_connection_as_admitted() {
    let app = App::start().await;
    let [one, other] = app.handles().await;
    for other in [format!("/connections/{other}/check"), "/".to_owned()] {
        let (status, checked) = app.send("POST", &format!("/connections/{one}/check"), &other, "").await;
        assert_eq!((status, &checked["handle"]), (200, &json!(one)));
    }
}

#[tokio::test]
async fn a_disconnect_ends_the_connection_as_admitted() {
    let app = App::start().await;
    let [one, other] = app.handles().await;
    let (one, path) = (format!("/connections/{one}"), format!("/connections/{other}"));
    assert_eq!(app.send("DELETE", &one, &path, "").await.0, 204);
    assert_eq!(app.send("DELETE", &one, &path, "").await.0, 404);
    let (_, list) = app.send("GET", "/connections", "/", "").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["handle"], json!(other));
}

#[tokio::test]
async fn a_body_is_read_as_admitted() {
    let app = App::start().await;
    let [one, _] = app.handles().await;
    let (status, reply) = app.send("POST", "/session-token", "/", r#"{"integrations":["none"]}"#).await;
    assert_eq!((status, &reply["error"]["code"]), (400, &json!("integration_not_allowed")));
    assert_eq!(app.send("POST", "/session-token", "/", "").await.0, 200);
    let by_handle = json!({ "handle": one }).to_string();
    assert_eq!(app.send("POST", "/reconnect-token", "/webhook", &by_handle).await.0, 200);
}
