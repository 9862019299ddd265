//! One side of a work while it is measured.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;

use crate::child::Child;
use crate::drive::{Driven, Driver, Turn};
use crate::figures::{CPU_US, P50_US, P99_US, PEAK_MIB, PER_SECOND, Sample};
use crate::outcome::Outcome;
use crate::plan::{By, Counts, Upstream, user};
use crate::requests::Requests;
use crate::served::Served;

/// The most requests that an app is warmed up with.
const MAX_WARM_UP: usize = 10_000;

/// A running app, with its driver.
pub(crate) struct Running<'a> {
    side: &'a Served,
    url: String,
    nango: Upstream,
    http: reqwest::Client,
    before: Reading,
    total: Total,
    driver: Driver,
    app: Child,
    _emulator: Child,
}

/// What was counted up to a moment.
#[derive(Default)]
struct Reading {
    counts: Counts,
    calls_to_nango: u64,
    processor_time: f64,
}

/// What all turns came to.
#[derive(Default)]
struct Total {
    requests: u64,
    seconds: f64,
    p50_us: f64,
    p99_us: f64,
}

impl<'a> Running<'a> {
    pub(crate) fn new(
        side: &'a Served,
        nango: Upstream,
        address: SocketAddr,
        driver: Driver,
        [app, emulator]: [Child; 2],
    ) -> Outcome<Self> {
        // A connection of its own for each request: an app closes one that has rested through the turns.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
        let (url, before, total) = (format!("http://{address}"), Reading::default(), Total::default());
        Ok(Self { side, url, nango, http, before, total, driver, app, _emulator: emulator })
    }

    /// Checks the content of a reply, sends each request once, and begins to count.
    pub(crate) async fn begin(&mut self) -> Outcome<()> {
        self.check_reply().await?;
        let (Requests::Deliveries(count) | Requests::Lists(count) | Requests::Tokens(count)) =
            self.side.requests;
        check_statuses(self.driver.drive(Turn::WarmUp(count.min(MAX_WARM_UP) as u64))?)?;
        self.before = self.read().await?;
        Ok(())
    }

    /// Sends requests for so long.
    pub(crate) fn turn(&mut self, seconds: f64) -> Outcome<()> {
        let driven = self.driver.drive(Turn::Seconds(seconds))?;
        check_statuses(driven)?;
        self.total.requests += driven.requests;
        self.total.seconds += driven.seconds;
        (self.total.p50_us, self.total.p99_us) = (driven.p50_us, driven.p99_us);
        Ok(())
    }

    /// Checks what was counted, and returns the figures of all turns.
    pub(crate) async fn finish(self) -> Outcome<Sample> {
        let after = self.read().await?;
        if let Requests::Deliveries(_) = self.side.requests {
            self.check_counts(&after)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 requests")]
        let requests = self.total.requests as f64;
        let processor_time = after.processor_time - self.before.processor_time;
        Ok(BTreeMap::from([
            (PER_SECOND.to_owned(), requests / self.total.seconds),
            (CPU_US.to_owned(), processor_time * 1e6 / requests),
            (P50_US.to_owned(), self.total.p50_us),
            (P99_US.to_owned(), self.total.p99_us),
            (PEAK_MIB.to_owned(), self.app.memory("VmHWM")?),
        ]))
    }

    async fn read(&self) -> Outcome<Reading> {
        let counts = self.http.get(format!("{}/counts", self.url)).send().await?.error_for_status()?;
        Ok(Reading {
            counts: counts.json().await?,
            calls_to_nango: self.calls_to_nango().await?,
            processor_time: self.app.processor_time()?,
        })
    }

    /// Returns the number of calls that the emulator has counted in this minute, with this one.
    async fn calls_to_nango(&self) -> Outcome<u64> {
        let request = self.http.get(format!("{}/connections?limit=1", self.nango.url));
        let reply = request.bearer_auth(&self.nango.secret_key).send().await?.error_for_status()?;
        let number = |name: &str| -> Outcome<u64> {
            Ok(reply.headers().get(name).ok_or("no rate limit")?.to_str()?.parse()?)
        };
        Ok(number("x-ratelimit-limit")? - number("x-ratelimit-remaining")?)
    }

    /// Checks that each delivery did what the work is about, by the app's counts and by Nango's.
    fn check_counts(&self, after: &Reading) -> Outcome<()> {
        let sent = self.total.requests;
        let received = after.counts.deliveries - self.before.counts.deliveries;
        let looks = after.counts.looks - self.before.counts.looks;
        // One of the calls was to count them.
        let calls = after.calls_to_nango.saturating_sub(self.before.calls_to_nango + 1);
        let are_right = received == sent
            && match (self.side.looks, self.side.by) {
                (true, _) => looks == sent && calls == sent,
                (false, By::Floor) => looks == 0,
                // The smallest budget is one look a minute.
                (false, By::Ours) => looks <= 1,
            };
        if are_right {
            return Ok(());
        }
        let side = self.side.name();
        Err(format!("{side}: of {sent} deliveries {received} arrived, with {looks} looks and {calls} calls")
            .into())
    }

    /// Checks that a reply has the right content, so that the statuses are enough later on.
    async fn check_reply(&self) -> Outcome<()> {
        let is_right = match self.side.requests {
            Requests::Deliveries(_) => {
                let forged = self.http.post(format!("{}/nango/webhook", self.url)).body("{}");
                forged.header("x-nango-hmac-sha256", "0".repeat(64)).send().await?.status() == 401
            }
            Requests::Lists(_) => {
                let request =
                    self.http.get(format!("{}/nango/connections", self.url)).header("x-user", user(1));
                let rows: Vec<Value> = request.send().await?.error_for_status()?.json().await?;
                Some(rows.len()) == self.side.fill.map(|fill| fill.of_each_owner)
            }
            Requests::Tokens(_) => {
                let request =
                    self.http.post(format!("{}/nango/session-token", self.url)).header("x-user", user(1));
                let token: Value = request.send().await?.error_for_status()?.json().await?;
                token["sessionToken"].as_str().is_some_and(|token| !token.is_empty())
            }
        };
        let side = self.side.name();
        if is_right { Ok(()) } else { Err(format!("{side}: the reply is not the right one").into()) }
    }
}

fn check_statuses(driven: Driven) -> Outcome<()> {
    let Driven { requests, wrong, .. } = driven;
    if wrong == 0 && requests > 0 {
        Ok(())
    } else {
        Err(format!("{wrong} of {requests} answers were wrong").into())
    }
}
