//! What a queue costs: events a second beside a bare job, the time of the webhook route, and an idle worker.
//!
//! A short run checks that the figures can be made. `NANGO_TEST_FIGURES=20000 NANGO_TEST_IDLE_SECONDS=60` makes
//! those of the documentation; read them on an idle machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nango_core::WorkQueue as _;
use nango_core::testing::queue::push_all;
use nango_tests::open_queue;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::fleet::Fleet;
use super::{Place, number};

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_has_figures() {
    figures(Place::sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn postgres_has_figures() {
    figures(Place::postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn nats_has_figures() {
    figures(Place::nats).await;
}

async fn figures(place: impl Fn() -> Place) {
    let events = number("NANGO_TEST_FIGURES", 400);
    let rounds = if events > 400 { 5 } else { 1 };
    let name = place().url.split(':').next().unwrap_or_default().to_owned();
    for processes in [1, 2, 4] {
        // In turns, and compared with the neighbour: the machine may be another one a minute later.
        let (mut handled, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let bare = handled_per_second(place(), "bare", processes, events).await;
            let worker = handled_per_second(place(), "worker", processes, events).await;
            assert!(worker > 0.0 && bare > 0.0);
            handled.push(worker);
            ratios.push(worker / bare);
        }
        let (handled, ratio) = (median(&mut handled), median(&mut ratios));
        println!(
            "{name}: {processes} processes handle {handled:.0} events/s, {ratio:.2} of bare ones ({:.2} to {:.2})",
            ratios[0],
            ratios[rounds - 1]
        );
    }
    latencies(&name, place(), events / 4).await;
    idle(&name, place()).await;
}

/// Lets processes of a role work on a backlog. Their start counts, for both roles.
async fn handled_per_second(place: Place, role: &'static str, processes: usize, events: usize) -> f64 {
    let place = Arc::new(place);
    let queue = open_queue(&place.url, &place.prefix, Duration::from_secs(30)).await.unwrap();
    let mut pushes = JoinSet::new();
    for _ in 0..16 {
        let queue = Arc::clone(&queue);
        pushes.spawn(async move { push_all(&*queue, events / 16).await.len() });
    }
    let pushed: usize = pushes.join_all().await.into_iter().sum();
    let environment =
        [("TEST_HANDLER_MILLIS", "0"), ("TEST_CONCURRENCY", "16"), ("TEST_LEASE_MILLIS", "30000")];
    let began = Instant::now();
    let _fleet = Fleet::of(&place, std::iter::repeat_n(role, processes), &environment);
    while began.elapsed() < Duration::from_secs(300) {
        // A busy server may not count in time.
        if queue.depth().await.is_ok_and(|depth| depth.waiting + depth.claimed == 0) {
            return pushed as f64 / began.elapsed().as_secs_f64();
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the events are not handled after five minutes");
}

/// Delivers events to a web process with a queue and to one without, in turns.
async fn latencies(name: &str, place: Place, deliveries: usize) {
    let place = Arc::new(place);
    let fleets = ["plain", "web"].map(|role| Fleet::of(&place, std::iter::once(role), &[]));
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..deliveries {
        for (fleet, times) in fleets.iter().zip(&mut times) {
            let began = Instant::now();
            assert!(fleet.deliver(&number.to_string(), "succeed").await);
            times.push(began.elapsed());
        }
    }
    let [without, with] = times.map(|mut times| {
        times.sort();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    });
    println!(
        "{name}: the webhook route takes {:?} (p99 {:?}) with a queue, {:?} (p99 {:?}) without",
        with.0, with.1, without.0, without.1
    );
}

async fn idle(name: &str, place: Place) {
    let seconds = number("NANGO_TEST_IDLE_SECONDS", 1);
    let fleet = Fleet::start(&Arc::new(place), 0, 1, &[("TEST_POLL_MILLIS", "500")]);
    sleep(Duration::from_millis(500)).await;
    let before = fleet.processor_time();
    sleep(Duration::from_secs(seconds as u64)).await;
    let used = fleet.processor_time() - before;
    println!("{name}: a worker that waits uses {used:?} of a processor in {seconds} s");
}

/// Sorts figures, and returns the one in the middle.
fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
