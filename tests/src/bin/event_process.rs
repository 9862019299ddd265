//! A process that receives events or handles them, for tests that kill it:
//! `event_process web|plain|worker|bare QUEUE_URL LOG`.
//!
//! A web process prints its URL; a plain one has no queue. A worker writes a line to the file LOG when the handler
//! begins with an event and when it ends. What the handler does with an event is in its payload. A bare worker does the
//! same by itself: it claims, reads the payload, writes the same lines and settles, without retries, deadlines or tasks.
//! It is the floor beside which a worker is measured.
//!
//! `TEST_PREFIX` is that of the tables, `TEST_LEASE_MILLIS` the lease, `TEST_HANDLER_MILLIS` the time that the handler
//! takes, `TEST_CONCURRENCY` the number of events at a time, and `TEST_POLL_MILLIS` the pause before an empty queue is
//! asked again.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use nango_core::{
    BoxError, ForwardEvent, MemoryStore, Nango, Outcome, Received, Settlement, SigningKeys, WebhookHandler,
    WorkQueue, async_trait,
};
use nango_tests::{User, open_queue};
use serde_json::Value;
use tokio::net::TcpListener;

/// A number of the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

struct Handler {
    log: Arc<File>,
    takes: Duration,
}

/// Writes how a call of the handler has ended, also when it is broken off.
struct Run<'a> {
    log: &'a File,
    mark: String,
    end: &'static str,
}

impl Run<'_> {
    fn write(&self, what: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        // One call, so that lines of several processes do not mix.
        let line = format!("{what} {} {} {now}\n", self.mark, std::process::id());
        if (&mut &*self.log).write_all(line.as_bytes()).is_err() {
            std::process::abort();
        }
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.write(self.end);
    }
}

#[async_trait]
impl WebhookHandler for Handler {
    async fn webhook_forwarded(&self, _: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
        let payload: Value = event.payload()?;
        let mark = payload["mark"].as_str().unwrap_or_default().to_owned();
        let mut run = Run { log: &self.log, mark, end: "broken-off" };
        run.write("begun");
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        match payload["does"].as_str() {
            Some("abort") => std::process::abort(),
            Some("fail") => {
                run.end = "failed";
                Err("on purpose".into())
            }
            _ => {
                run.end = "handled";
                Ok(())
            }
        }
    }
}

fn open_log(path: &str) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Claims, writes down and erases events.
async fn work_bare(queue: &dyn WorkQueue, log: &File, concurrency: usize) -> Result<(), BoxError> {
    loop {
        let claims = queue.claim(concurrency).await?;
        if claims.is_empty() {
            queue.wait(Duration::from_millis(100)).await;
            continue;
        }
        for claim in &claims {
            let event: Value = serde_json::from_str(&claim.event)?;
            let body: Value = serde_json::from_str(event["body"].as_str().unwrap_or_default())?;
            let mark = body["payload"]["mark"].as_str().unwrap_or_default().to_owned();
            let run = Run { log, mark, end: "handled" };
            run.write("begun");
        }
        let done: Vec<_> = claims.into_iter().map(|claim| Settlement::new(claim, Outcome::Done)).collect();
        queue.settle(&done).await?;
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1);
    let (Some(role), Some(url), Some(log)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: event_process web|worker QUEUE_URL LOG".into());
    };
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    let prefix = std::env::var("TEST_PREFIX").unwrap_or_else(|_| "nango_".to_owned());
    let lease = Duration::from_millis(number("TEST_LEASE_MILLIS", 2_000));
    let queue: Arc<dyn WorkQueue> = open_queue(&url, &prefix, lease).await?;
    let concurrency = usize::try_from(number("TEST_CONCURRENCY", 8))?;
    if role == "bare" {
        println!("ready bare");
        return work_bare(&*queue, &open_log(&log)?, concurrency).await;
    }
    let builder = Nango::builder("key", SigningKeys::new(["signing"])?, MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["github"])
        .entity::<User>();
    let builder = if role == "plain" { builder } else { builder.event_queue(Arc::clone(&queue)) };
    if role != "worker" {
        let nango = builder.build()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("ready http://{}", listener.local_addr()?);
        let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
        return Ok(axum::serve(listener, app).await?);
    }
    let log = Arc::new(open_log(&log)?);
    let takes = Duration::from_millis(number("TEST_HANDLER_MILLIS", 5));
    let nango = builder.handler(Handler { log, takes }).build()?;
    let worker = nango
        .event_worker(queue)
        .concurrency(concurrency)
        .max_failures(4)
        .backoff(Duration::from_millis(200), Duration::from_secs(2))
        .poll_interval(Duration::from_millis(number("TEST_POLL_MILLIS", 100)));
    let _worker = worker.spawn()?;
    println!("ready worker");
    std::future::pending().await
}
