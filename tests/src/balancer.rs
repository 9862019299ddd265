//! A proxy in front of several servers, as a load balancer without sticky sessions.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::response::Response;
use tokio::net::TcpListener;

use crate::http;

/// A running balancer: each request goes to the next server.
#[derive(Debug, Clone)]
pub struct Balancer {
    url: String,
    http: reqwest::Client,
    targets: Arc<[String]>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Balancer {
    /// Starts one in front of servers at these addresses, which have no slash at the end.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot start")]
    pub async fn start<S: Into<String>>(targets: impl IntoIterator<Item = S>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let balancer = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            http: http(),
            targets: targets.into_iter().map(Into::into).collect(),
            taken: Arc::default(),
        };
        let router: Router = Router::new().fallback(forward).with_state(balancer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        balancer
    }

    /// Returns its address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the method and the path of each request so far, in their order: the first went to the first
    /// server.
    #[must_use]
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a request, and returns the server that it goes to.
    fn next(&self, request: &Request) -> &str {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push(format!("{} {}", request.method(), request.uri().path()));
        &self.targets[(taken.len() - 1) % self.targets.len()]
    }
}

#[expect(clippy::unwrap_used, reason = "a test fails when a server does not answer")]
async fn forward(State(balancer): State<Balancer>, request: Request) -> Response {
    let url = format!("{}{}", balancer.next(&request), request.uri());
    let (mut head, body) = request.into_parts();
    head.headers.remove(HOST);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let sent = balancer.http.request(head.method, url).headers(head.headers).body(body).send();
    let reply = sent.await.unwrap();
    let mut forwarded = Response::new(Body::empty());
    *forwarded.status_mut() = reply.status();
    forwarded.headers_mut().extend(reply.headers().clone());
    for length in [CONTENT_LENGTH, TRANSFER_ENCODING] {
        forwarded.headers_mut().remove(length);
    }
    *forwarded.body_mut() = reply.bytes().await.unwrap().into();
    forwarded
}
