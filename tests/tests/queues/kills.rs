//! Web processes and workers are killed at random under deliveries: what was answered with 2xx is handled.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::fleet::Fleet;
use super::journal::Journal;
use super::{Place, number};

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_what_was_accepted() {
    accepted_events_are_handled(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn postgres_keeps_what_was_accepted() {
    accepted_events_are_handled(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn nats_keeps_what_was_accepted() {
    accepted_events_are_handled(Place::nats()).await;
}

/// `NANGO_TEST_EVENT_KILLS=500 NANGO_TEST_EVENTS=20000` is the long run.
async fn accepted_events_are_handled(place: Place) {
    let (kills, events) = (number("NANGO_TEST_EVENT_KILLS", 30), number("NANGO_TEST_EVENTS", 1_500));
    let place = Arc::new(place);
    let fleet = Arc::new(Fleet::start(&place, 2, 2, &[("TEST_LEASE_MILLIS", "3000")]));
    let began = Instant::now();

    let mut senders = JoinSet::new();
    const SENDERS: usize = 8;
    // As long as the kills take.
    let pause = Duration::from_millis(150).mul_f64(kills as f64 / (events / SENDERS) as f64);
    for sender in 0..SENDERS {
        let fleet = Arc::clone(&fleet);
        senders.spawn(async move {
            let mut accepted = Vec::new();
            for number in 0..events / SENDERS {
                let mark = format!("{sender}-{number}");
                if fleet.deliver(&mark, "succeed").await {
                    accepted.push(mark);
                }
                sleep(pause).await;
            }
            accepted
        });
    }
    let killer = Arc::clone(&fleet);
    let killing = tokio::task::spawn_blocking(move || {
        let mut deaths = HashMap::new();
        for _ in 0..kills {
            let (member, pause) = {
                let mut rng = rand::rng();
                (rng.random_range(0..killer.members()), rng.random_range(20..200))
            };
            deaths.extend([killer.kill(member)]);
            std::thread::sleep(Duration::from_millis(pause));
        }
        deaths
    });
    let accepted: Vec<String> = senders.join_all().await.into_iter().flatten().collect();
    let deaths = killing.await.unwrap();

    let deadline = Instant::now() + Duration::from_secs(120);
    let journal = loop {
        let journal = Journal::read(&place);
        let missing = accepted.iter().filter(|mark| journal.handled(mark) == 0).count();
        if missing == 0 {
            break journal;
        }
        assert!(
            Instant::now() < deadline,
            "{missing} of {} accepted events were not handled",
            accepted.len()
        );
        sleep(Duration::from_millis(200)).await;
    };
    let twice = accepted.iter().filter(|mark| journal.handled(mark) > 1).count();
    let begun_twice = accepted.iter().filter(|mark| journal.runs(mark).len() > 1).count();
    println!(
        "{}: {kills} kills, {} of {events} deliveries accepted, all handled, {twice} twice, {begun_twice} begun more than \
         once, in {:?}",
        place.url.split(':').next().unwrap_or_default(),
        accepted.len(),
        began.elapsed(),
    );
    assert_eq!(journal.overlaps(&deaths), [""; 0], "handled by two live workers at once");
    assert!(accepted.len() > events / 2, "most deliveries reach a process: {}", accepted.len());
}
