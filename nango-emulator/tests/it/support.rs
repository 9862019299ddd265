//! Client of Nango's API and receiver of its webhooks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use nango_emulator::Emulator;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::net::TcpListener;

pub(crate) fn http() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Sends one API call with the emulator's key. Returns status and JSON.
pub(crate) async fn call(nango: &Emulator, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = http()
        .request(method, format!("{}{path}", nango.local_url()))
        .header("authorization", format!("Bearer {}", nango.secret_key()));
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

pub(crate) async fn session(nango: &Emulator, body: Value) -> String {
    let (status, answer) = call(nango, Method::POST, "/connect/sessions", Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"]["token"].as_str().unwrap().to_owned()
}

/// Receiver of webhooks that answers with the given statuses, then 200.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    /// Starts a receiver, which ends with the test's runtime. Returns it with its address.
    pub(crate) async fn start(answers: &[u16]) -> (Self, String) {
        let receiver = Self::default();
        *receiver.answers.lock().unwrap() = answers.iter().rev().copied().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, url)
    }

    pub(crate) fn all(&self) -> Vec<(HeaderMap, Bytes)> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for `count` webhooks. Returns their bodies.
    pub(crate) async fn bodies(&self, count: usize) -> Vec<Value> {
        for _ in 0..500 {
            if self.received.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let all = self.all();
        assert!(all.len() >= count, "{} of {count} webhooks came", all.len());
        all.iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.received.lock().unwrap().push((headers, body));
    let status = receiver.answers.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}
