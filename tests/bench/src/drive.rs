//! The driver's process: keeps a number of connections busy, and checks every answer.
//!
//! Each request has a body and a signature of its own, which oha does not know, and wrk only in Lua. This one is small
//! enough to cost about as little as wrk, and needs nothing but cargo.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::child::{self, Child};
use crate::deliveries::delivery;
use crate::outcome::Outcome;
use crate::plan::user;

/// What to send, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
    pub(crate) until: Until,
}

/// The requests, which are sent in turn and then from the first one on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Requests {
    /// A delivery of each connection.
    Deliveries(usize),
    /// The list of each user.
    Lists(usize),
    /// A session token for each user.
    Tokens(usize),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Until {
    Requests(usize),
    Seconds(f64),
}

/// The outcome of a load.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Driven {
    pub(crate) requests: u64,
    /// Answers without the status 200.
    pub(crate) wrong: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

impl Load {
    /// Sends the requests from a process of its own.
    pub(crate) fn run(&self, signing_key: &str) -> Outcome<Driven> {
        Child::finish("drive", &(self, signing_key))
    }
}

type Ready = Request<Full<Bytes>>;

/// What the connections share.
struct Shared {
    requests: Vec<Ready>,
    next: Cell<usize>,
    until: Until,
    began: Instant,
    wrong: Cell<u64>,
    times: RefCell<Vec<Duration>>,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(settings: &str) -> Outcome<()> {
    let (load, signing_key): (Load, String) = serde_json::from_str(settings)?;
    child::end_with_parent();
    let shared = Rc::new(Shared {
        requests: requests(&load, &signing_key)?,
        next: Cell::new(0),
        until: load.until,
        began: Instant::now(),
        wrong: Cell::new(0),
        times: RefCell::default(),
    });
    let local = LocalSet::new();
    let tasks: Vec<_> = (0..load.connections)
        .map(|_| local.spawn_local(connection(load.address, Rc::clone(&shared))))
        .collect();
    local
        .run_until(async {
            for task in tasks {
                task.await??;
            }
            Outcome::Ok(())
        })
        .await?;
    let seconds = shared.began.elapsed().as_secs_f64();
    let mut times = shared.times.take();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6);
    child::print(&Driven {
        requests: times.len() as u64,
        wrong: shared.wrong.get(),
        seconds,
        p50_us: at(50),
        p99_us: at(99),
    })
}

fn requests(load: &Load, signing_key: &str) -> Outcome<Vec<Ready>> {
    let request = |method: Method, path: &str| {
        Request::builder().method(method).uri(path).header(header::HOST, load.address.to_string())
    };
    let empty = Full::default;
    match load.requests {
        Requests::Deliveries(count) => (1..=count)
            .map(|n| {
                let (body, signature) = delivery(n, signing_key)?;
                let request = request(Method::POST, "/nango/webhook")
                    .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
                    .header("x-nango-hmac-sha256", signature);
                Ok(request.body(body.into())?)
            })
            .collect(),
        Requests::Lists(users) => (1..=users)
            .map(|n| Ok(request(Method::GET, "/nango/connections").header("x-user", user(n)).body(empty())?))
            .collect(),
        Requests::Tokens(users) => (1..=users)
            .map(|n| {
                Ok(request(Method::POST, "/nango/session-token").header("x-user", user(n)).body(empty())?)
            })
            .collect(),
    }
}

/// Sends requests over one connection, each after the answer to the one before.
async fn connection(address: SocketAddr, shared: Rc<Shared>) -> Outcome<()> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(connection);
    while let Some(request) = shared.next() {
        sender.ready().await?;
        let began = Instant::now();
        let response = sender.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        shared.times.borrow_mut().push(began.elapsed());
        if status != StatusCode::OK {
            shared.wrong.set(shared.wrong.get() + 1);
        }
    }
    Ok(())
}

impl Shared {
    fn next(&self) -> Option<Ready> {
        let next = self.next.get();
        let is_over = match self.until {
            Until::Requests(count) => next >= count,
            Until::Seconds(seconds) => self.began.elapsed().as_secs_f64() >= seconds,
        };
        if is_over {
            return None;
        }
        self.next.set(next + 1);
        self.requests.get(next % self.requests.len()).cloned()
    }
}
