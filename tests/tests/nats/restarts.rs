//! Servers that are killed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_core::testing::queue::{claim_all, claim_one, event, push_all};
use nango_core::{EventQueue as _, Outcome, QueueDepth, Settlement, StoreErrorKind, WorkQueue as _};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::handler::{Handler, nango};
use crate::server::{LEASE, Server, Streams};

/// Nothing that was acknowledged is lost, pushes fail meanwhile, and nothing has to be restarted by hand.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_server_that_is_killed_loses_nothing() {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    let handler = Handler::with_pause(Duration::from_millis(5));
    let nango = nango(&handler);
    let workers: Vec<_> =
        (0..2).map(|_| nango.event_worker(queue.clone()).concurrency(8).spawn().unwrap()).collect();

    let taken = Arc::new(Mutex::new(HashSet::new()));
    let refused = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..8 {
        let (queue, taken, refused) = (queue.clone(), Arc::clone(&taken), Arc::clone(&refused));
        senders.spawn(async move {
            let until = Instant::now() + Duration::from_secs(24);
            while Instant::now() < until {
                let event = event(1);
                match queue.push(&event).await {
                    Ok(()) => drop(taken.lock().unwrap().insert(event.key().to_owned())),
                    Err(error) => {
                        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
                sleep(Duration::from_millis(15)).await;
            }
        });
    }
    // Blips, which a push outlasts, and outages, which it does not.
    for away in [200, 6_000, 200, 6_000] {
        sleep(Duration::from_secs(2)).await;
        server.kill();
        sleep(Duration::from_millis(away)).await;
        server.restart();
    }
    senders.join_all().await;
    let began = Instant::now();
    let taken = taken.lock().unwrap().clone();
    while !taken.iter().all(|key| handler.handled().contains_key(key)) {
        assert!(began.elapsed() < Duration::from_secs(60), "{} of {}", handler.count(), taken.len());
        sleep(Duration::from_millis(200)).await;
    }
    // What the server has brought back goes, too.
    while queue.depth().await.unwrap() != QueueDepth::default() {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", queue.depth().await.unwrap());
        sleep(Duration::from_millis(200)).await;
    }
    let drained = began.elapsed();
    let twice = handler.handled().values().filter(|times| **times > 1).count();
    let refused = refused.load(Ordering::Relaxed);
    println!(
        "{} taken, {refused} refused, {} handled, {twice} of them twice, drained in {drained:?}",
        taken.len(),
        handler.count()
    );
    assert!(refused > 0, "an outage was noticed");
    assert!(taken.len() > 500);
    for worker in workers {
        worker.stop().await;
    }
}

/// The consumer keeps pauses in memory; the record has them.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn pauses_counts_and_claims_survive_a_crash_of_the_server() {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    push_all(&queue, 3).await;
    let mut claims = claim_all(&queue).await;
    let began = Instant::now();
    let pause = Duration::from_secs(6);
    queue.settle(&[Settlement::new(claims.remove(0), Outcome::Failed { retry_after: pause })]).await.unwrap();
    queue.settle(&[Settlement::new(claims.remove(0), Outcome::Done)]).await.unwrap();
    let held = claims.remove(0);
    server.kill();
    server.restart();
    assert_eq!(queue.renew(std::slice::from_ref(&held)).await.unwrap(), [true]);
    let mut failed = None;
    while failed.is_none() {
        assert!(began.elapsed() < pause + LEASE * 3, "it does not come");
        queue.renew(std::slice::from_ref(&held)).await.unwrap();
        failed = queue.claim(10).await.unwrap().pop();
        sleep(Duration::from_millis(50)).await;
    }
    assert!(began.elapsed() >= pause, "{:?}", began.elapsed());
    let failed = failed.unwrap();
    assert_eq!((failed.failures, failed.deaths), (1, 0));
    queue
        .settle(&[Settlement::new(held, Outcome::Done), Settlement::new(failed, Outcome::Done)])
        .await
        .unwrap();
    assert_eq!(queue.depth().await.unwrap().claimed, 0);
}

/// A container without a volume: the events are lost, but the app goes on.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn streams_that_are_deleted_are_made_anew() {
    let server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    push_all(&queue, 3).await;
    drop(streams);
    queue.push(&event(1)).await.unwrap();
    claim_one(&queue).await;
}
