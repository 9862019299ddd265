//! An HTTP client that answers by itself, so that tests can stop the clock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use nango_client::{Client, HttpOptions, ResponseBody, Transport, TransportError};

/// A response: its status and body; `None` is a connection that breaks off.
pub(crate) type Answer = Option<(u16, String)>;

/// Answers with prepared responses, in order, and keeps the requests.
#[derive(Clone, Default)]
pub(crate) struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

pub(crate) fn ok(body: impl Into<String>) -> Answer {
    Some((200, body.into()))
}

impl Canned {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> (Client, Self) {
        let canned = Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() };
        let http = HttpOptions::new().transport(canned.clone());
        (Client::builder("https://nango.test", "key").http(http).build().unwrap(), canned)
    }

    /// Returns method, path and query, and body of each request.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        let shown = |request: &Request<Bytes>| {
            let line = format!("{} {}", request.method(), request.uri().path_and_query().unwrap());
            (line, String::from_utf8(request.body().to_vec()).unwrap())
        };
        self.requests.lock().unwrap().iter().map(shown).collect()
    }

    /// Returns the value of a header of a request.
    pub(crate) fn header(&self, request: usize, name: &str) -> Option<String> {
        let requests = self.requests.lock().unwrap();
        requests[request].headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }
}

impl Transport for Canned {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        self.requests.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front().unwrap();
        let (status, body) = answer.ok_or_else(|| TransportError::new("broken"))?;
        Ok(Response::builder().status(status).body(ResponseBody::from(body.into_bytes())).unwrap())
    }
}
