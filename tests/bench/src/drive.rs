//! The driver's process: keeps a number of connections busy, and checks every answer.
//!
//! Each request has a body and a signature of its own, which oha does not know, and wrk only in Lua. This one is small
//! enough to cost about as little as wrk, and needs nothing but cargo.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};

use crate::child::{self, Child};
use crate::outcome::Outcome;
use crate::requests::{Ready, Requests};

/// What to send, and where.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
}

/// A part of a load, between the parts of other loads.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Turn {
    /// So many requests, whose times are not kept.
    WarmUp(u64),
    Seconds(f64),
}

/// The outcome of a turn.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Driven {
    pub(crate) requests: u64,
    /// Answers without the status 200.
    pub(crate) wrong: u64,
    pub(crate) seconds: f64,
    /// Of this turn and those before it.
    pub(crate) p50_us: f64,
    /// Of this turn and those before it.
    pub(crate) p99_us: f64,
}

/// A process that has the requests for one app ready, and is at rest between its turns.
pub(crate) struct Driver(Child);

impl Driver {
    pub(crate) fn start(load: Load, signing_key: &str) -> Outcome<Self> {
        let (process, ()) = Child::start("drive", &(load, signing_key))?;
        Ok(Self(process))
    }

    /// Sends requests until the turn is over.
    pub(crate) fn drive(&mut self, turn: Turn) -> Outcome<Driven> {
        self.0.ask(&turn)
    }
}

type Sender = http1::SendRequest<Full<Bytes>>;

/// What the connections share.
struct Shared {
    requests: Vec<Ready>,
    next: Cell<usize>,
    times: RefCell<Vec<Duration>>,
}

/// A turn that is under way.
struct Current {
    turn: Turn,
    began: Instant,
    sent: Cell<u64>,
    wrong: Cell<u64>,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(settings: &str) -> Outcome<()> {
    let (load, signing_key): (Load, String) = serde_json::from_str(settings)?;
    let requests = load.requests.build(load.address, &signing_key)?;
    let shared = Rc::new(Shared { requests, next: Cell::new(0), times: RefCell::default() });
    let local = LocalSet::new();
    child::print(&())?;
    // Nothing happens between turns, so reading may block. The input ends with the process that asks.
    for line in std::io::stdin().lines() {
        let turn = serde_json::from_str(&line?)?;
        let driven = local.run_until(shared.play(turn, &load)).await?;
        child::print(&driven)?;
    }
    Ok(())
}

async fn connect(address: SocketAddr) -> Outcome<Sender> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    spawn_local(connection);
    Ok(sender)
}

impl Shared {
    /// Plays a turn, over connections of its own: an app closes those that rest. They are there before it is timed.
    async fn play(self: &Rc<Self>, turn: Turn, load: &Load) -> Outcome<Driven> {
        let mut senders = Vec::new();
        for _ in 0..load.connections {
            senders.push(connect(load.address).await?);
        }
        let current =
            Rc::new(Current { turn, began: Instant::now(), sent: Cell::new(0), wrong: Cell::new(0) });
        let send = |sender| spawn_local(Rc::clone(self).send(Rc::clone(&current), sender));
        let tasks: Vec<_> = senders.into_iter().map(send).collect();
        for task in tasks {
            task.await??;
        }
        let seconds = current.began.elapsed().as_secs_f64();
        let mut times = self.times.borrow_mut();
        times.sort_unstable();
        let at =
            |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6);
        let (p50_us, p99_us) = (at(50), at(99));
        Ok(Driven { requests: current.sent.get(), wrong: current.wrong.get(), seconds, p50_us, p99_us })
    }

    /// Sends requests over one connection, each after the answer to the one before.
    async fn send(self: Rc<Self>, current: Rc<Current>, mut sender: Sender) -> Outcome<()> {
        while current.takes_one() {
            let request = self.next().ok_or("there are no requests")?;
            sender.ready().await?;
            let began = Instant::now();
            let response = sender.send_request(request).await?;
            let status = response.status();
            response.into_body().collect().await?;
            if matches!(current.turn, Turn::Seconds(_)) {
                self.times.borrow_mut().push(began.elapsed());
            }
            if status != StatusCode::OK {
                current.wrong.set(current.wrong.get() + 1);
            }
        }
        Ok(())
    }

    fn next(&self) -> Option<Ready> {
        let next = self.next.get();
        self.next.set(next + 1);
        self.requests.get(next % self.requests.len().max(1)).cloned()
    }
}

impl Current {
    /// Takes one more request, unless the turn is over.
    fn takes_one(&self) -> bool {
        let sent = self.sent.get();
        let is_left = match self.turn {
            Turn::WarmUp(requests) => sent < requests,
            Turn::Seconds(seconds) => self.began.elapsed().as_secs_f64() < seconds,
        };
        self.sent.set(sent + u64::from(is_left));
        is_left
    }
}
