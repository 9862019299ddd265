//! One side of a work: an app with an emulator of its own, under a load.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::child::Child;
use crate::databases::Databases;
use crate::drive::{Driven, Load, Requests, Until};
use crate::emulate;
use crate::figures::{CPU_US, P50_US, P99_US, PEAK_MIB, PER_SECOND, Sample};
use crate::outcome::Outcome;
use crate::plan::{App, By, Counts, Fill, Framework, Rows, Store, Upstream, user};

/// An app and its load.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    pub(crate) by: By,
    pub(crate) framework: Framework,
    pub(crate) rows: Rows,
    pub(crate) fill: Option<Fill>,
    pub(crate) looks: bool,
    pub(crate) connections_at_nango: usize,
    /// The connections of the driver.
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
}

impl Served {
    /// An app on Axum without rows, and without a budget of looks.
    pub(crate) fn new(by: By, rows: Rows, connections: usize, requests: Requests) -> Self {
        Self {
            by,
            framework: Framework::Axum,
            rows,
            fill: None,
            looks: false,
            connections_at_nango: 0,
            connections,
            requests,
        }
    }

    /// Returns the name of the side among those of its work.
    pub(crate) fn name(&self) -> String {
        let by = match self.by {
            By::Floor => "floor",
            By::Ours => "ours",
        };
        match (self.requests, self.fill) {
            (Requests::Lists(_), Some(fill)) => format!("{by}, {} rows", fill.rows),
            _ => by.to_owned(),
        }
    }

    /// Starts emulator and app, warms them up with each request once, and measures.
    pub(crate) async fn play(&self, seconds: f64, databases: &mut Databases) -> Outcome<Sample> {
        let settings = emulate::Settings {
            connections: u32::try_from(self.connections_at_nango)?,
            // As good as none: each delivery shall be within the budget of looks.
            rate_limit: self.looks.then_some(u32::MAX),
        };
        let (_emulator, nango) = settings.start()?;
        let store = match self.fill {
            Some(fill) => databases.with_rows(self.rows, fill).await?,
            None => Store::Memory,
        };
        let (by, framework, looks, fill) = (self.by, self.framework, self.looks, self.fill);
        let app = App { by, framework, store, looks, fill, nango: nango.clone() };
        let (server, address) = Child::start("serve", &app)?;
        let load = |until| Load { address, connections: self.connections, requests: self.requests, until };

        // A connection of its own for each request: an app closes one that has rested through a load.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
        let app = Running { url: format!("http://{address}"), nango, http };
        app.check_reply(self).await?;
        let (Requests::Deliveries(count) | Requests::Lists(count) | Requests::Tokens(count)) = self.requests;
        let warm = load(Until::Requests(count.min(10_000))).run(&app.nango.signing_key)?;
        check_statuses(warm)?;
        let before = (app.counts().await?, app.calls_to_nango().await?, server.processor_time()?);
        let driven = load(Until::Seconds(seconds)).run(&app.nango.signing_key)?;
        let after = (app.counts().await?, app.calls_to_nango().await?, server.processor_time()?);
        check_statuses(driven)?;
        if let Requests::Deliveries(_) = self.requests {
            // One of the calls was to count them.
            self.check_counts(driven.requests, before.0, after.0, after.1.saturating_sub(before.1 + 1))?;
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 requests")]
        let requests = driven.requests as f64;
        Ok(BTreeMap::from([
            (PER_SECOND.to_owned(), requests / driven.seconds),
            (CPU_US.to_owned(), (after.2 - before.2) * 1e6 / requests),
            (P50_US.to_owned(), driven.p50_us),
            (P99_US.to_owned(), driven.p99_us),
            (PEAK_MIB.to_owned(), server.memory("VmHWM")?),
        ]))
    }

    /// Checks that each delivery did what the work is about, by the app's counts and by Nango's.
    fn check_counts(&self, sent: u64, before: Counts, after: Counts, calls: u64) -> Outcome<()> {
        let received = after.deliveries - before.deliveries;
        let looks = after.looks - before.looks;
        let are_right = received == sent
            && match (self.looks, self.by) {
                (true, _) => looks == sent && calls == sent,
                (false, By::Floor) => looks == 0,
                // The smallest budget is one look a minute.
                (false, By::Ours) => looks <= 1,
            };
        if are_right {
            return Ok(());
        }
        let side = self.name();
        Err(format!("{side}: of {sent} deliveries {received} arrived, with {looks} looks and {calls} calls")
            .into())
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

/// A running app.
struct Running {
    url: String,
    nango: Upstream,
    http: reqwest::Client,
}

impl Running {
    async fn counts(&self) -> Outcome<Counts> {
        Ok(self.http.get(format!("{}/counts", self.url)).send().await?.error_for_status()?.json().await?)
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

    /// Checks that a reply has the right content, so that the statuses are enough later on.
    async fn check_reply(&self, side: &Served) -> Outcome<()> {
        let is_right = match side.requests {
            Requests::Deliveries(_) => {
                let forged = self.http.post(format!("{}/nango/webhook", self.url)).body("{}");
                forged.header("x-nango-hmac-sha256", "0".repeat(64)).send().await?.status() == 401
            }
            Requests::Lists(_) => {
                let request =
                    self.http.get(format!("{}/nango/connections", self.url)).header("x-user", user(1));
                let rows: Vec<Value> = request.send().await?.error_for_status()?.json().await?;
                Some(rows.len()) == side.fill.map(|fill| fill.of_each_owner)
            }
            Requests::Tokens(_) => {
                let request =
                    self.http.post(format!("{}/nango/session-token", self.url)).header("x-user", user(1));
                let token: Value = request.send().await?.error_for_status()?.json().await?;
                token["sessionToken"].as_str().is_some_and(|token| !token.is_empty())
            }
        };
        if is_right { Ok(()) } else { Err(format!("{}: the reply is not the right one", side.name()).into()) }
    }
}
