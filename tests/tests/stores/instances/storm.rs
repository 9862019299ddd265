//! Ten thousand deliveries, some of them twice, to one of two processes each.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use nango_emulator::Emulator;
use nango_tests::{http, sign};
use serde_json::{Value, json};

use super::instance::Instance;

pub(crate) const CONNECTIONS: usize = 10_000;
pub(crate) const OWNERS: usize = 500;
/// Connections whose credentials the provider refuses.
pub(crate) const BROKEN: usize = 100;
/// Deliveries about connections that Nango does not have.
const GONE: usize = 50;
/// One delivery in so many is sent twice.
const TWICE: usize = 5;
const SENDERS: usize = 32;

pub(crate) struct Storm<'a> {
    instances: &'a [Instance; 2],
    http: reqwest::Client,
    /// Bodies and their signatures, in the order in which they are sent.
    deliveries: Vec<(String, String)>,
    acknowledged: AtomicUsize,
    /// Whether the last quarter is held.
    is_held: AtomicBool,
    unavailable: AtomicUsize,
    lost: AtomicUsize,
    took: OnceLock<Duration>,
}

impl<'a> Storm<'a> {
    /// Creates the connections at Nango, and the deliveries about them.
    pub(crate) async fn new(emulator: &Emulator, instances: &'a [Instance; 2]) -> Self {
        let tags = [("end_user_id", "u-{n}"), ("owner_kind", "user")];
        for batch in 1..=CONNECTIONS / OWNERS {
            emulator.import_many("openai", OWNERS as u32, &format!("c-{batch}-{{n}}"), &tags).unwrap();
        }
        // Where a refresh fails, the emulator's own deliveries are taken: to no server yet, and
        // sent with the others.
        emulator.set_webhook_url("http://127.0.0.1:1/");
        for user in 1..=BROKEN {
            emulator.revoke("openai", &format!("c-1-{user}")).await.unwrap();
        }
        emulator.clear_webhook_urls();
        let broken: Vec<_> =
            emulator.deliveries().into_iter().map(|sent| (sent.body, sent.hmac_sha256)).collect();
        assert_eq!(broken.len(), BROKEN);

        let key = emulator.signing_key();
        let signed = |body: Value| {
            let body = body.to_string();
            let signature = sign(&key, &body);
            (body, signature)
        };
        let mut pattern: Value = serde_json::from_str(&broken[0].0).unwrap();
        pattern.as_object_mut().unwrap().remove("error").unwrap();
        assert_eq!(pattern, auth("c-1-1", "u-1", "refresh", false), "not the body that Nango sends");
        assert_eq!(sign(&key, &broken[0].0), broken[0].1, "not the signature that Nango sends");

        let good = (1..=CONNECTIONS / OWNERS)
            .flat_map(|batch| (1..=OWNERS).map(move |user| (batch, user)))
            .filter(|(batch, user)| *batch > 1 || *user > BROKEN)
            .map(|(batch, user)| {
                signed(auth(&format!("c-{batch}-{user}"), &format!("u-{user}"), "creation", true))
            });
        let gone = (1..=GONE).map(|n| signed(auth(&format!("gone-{n}"), "u-1", "creation", true)));
        let once: Vec<_> = broken.into_iter().chain(good).chain(gone).collect();
        let twice = once.iter().step_by(TWICE).cloned();
        let mut deliveries: Vec<_> = once.iter().cloned().chain(twice).enumerate().collect();
        deliveries.sort_by_key(|(n, _)| mixed(*n));
        Self {
            instances,
            http: http(),
            deliveries: deliveries.into_iter().map(|(_, delivery)| delivery).collect(),
            acknowledged: AtomicUsize::new(0),
            is_held: AtomicBool::new(false),
            unavailable: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            took: OnceLock::new(),
        }
    }

    /// Returns the number of acknowledged deliveries.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Holds the last quarter until it is [released](Self::release): what has to happen meanwhile
    /// may be late on a busy machine.
    pub(crate) fn holding_back(self) -> Self {
        self.is_held.store(true, Ordering::Relaxed);
        self
    }

    pub(crate) fn release(&self) {
        self.is_held.store(false, Ordering::Relaxed);
    }

    /// Sends all deliveries, a bounded number at a time, each until it is acknowledged.
    pub(crate) async fn send(&self) {
        let began = Instant::now();
        let deliveries = stream::iter(self.deliveries.iter().enumerate());
        deliveries
            .for_each_concurrent(SENDERS, async |(n, delivery)| {
                while self.is_held.load(Ordering::Relaxed) && self.acknowledged() > CONNECTIONS / 4 * 3 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                self.deliver(n, delivery).await;
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
            })
            .await;
        let _ = self.took.set(began.elapsed());
    }

    async fn deliver(&self, n: usize, (body, signature): &(String, String)) {
        let mut to = mixed(mixed(n)) % 2;
        loop {
            let url = format!("{}/nango/webhook", self.instances[to].url());
            let request = self.http.post(url).header("x-nango-hmac-sha256", signature).body(body.clone());
            match request.send().await.map(|reply| reply.status().as_u16()) {
                Ok(200) => return,
                // The store is unavailable or contended. Nango retries after three seconds.
                Ok(503) => {
                    self.unavailable.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_secs(3)).await;
                }
                Ok(status) => panic!("answered {status}"),
                Err(error) => {
                    assert!(self.instances[to].is_killed(), "{error}");
                    self.lost.fetch_add(1, Ordering::Relaxed);
                    to = 1 - to;
                }
            }
        }
    }
}

/// The figures in the test's output.
impl fmt::Display for Storm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        write!(
            f,
            "{} deliveries of {CONNECTIONS} connections in {:.1} s; {} times 503, {} lost with their process",
            self.deliveries.len(),
            self.took.get().map_or(0.0, Duration::as_secs_f64),
            count(&self.unavailable),
            count(&self.lost),
        )
    }
}

fn auth(connection: &str, user: &str, operation: &str, success: bool) -> Value {
    json!({
        "authMode": "API_KEY",
        "connectionId": connection,
        "environment": "dev",
        "from": "nango",
        "operation": operation,
        "provider": "openai",
        "providerConfigKey": "openai",
        "success": success,
        "tags": {"end_user_id": user, "owner_kind": "user"},
        "type": "auth",
    })
}

/// Mixes a number's bits: looks random, and is the same in every run.
fn mixed(n: usize) -> usize {
    let mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 27)) >> 8) as usize
}
