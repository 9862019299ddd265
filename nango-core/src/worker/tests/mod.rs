//! The worker on a queue in memory, with a clock that is moved.

mod bench;

use std::sync::atomic::Ordering;
use std::time::Duration;

use nango_client::SigningKeys;
use tokio::time::{Instant, sleep};

use bench::{Faulty, Handler, HangingStore, MINUTE, User, delivery, empty, nango, nango_on, send};

use super::{EventWorker, EventWorkerBuilder};
use crate::config::ConfigError;
use crate::nango::Nango;
use crate::queue::{MemoryEventQueue, Outcome, QueueDepth, Settlement, WorkQueue};
use crate::store::MemoryStore;
use crate::sync::lock;

#[tokio::test(start_paused = true)]
async fn events_are_handled_once_and_counted() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    let worker = nango.event_worker(queue.clone()).spawn().unwrap();
    send(&nango, &["one", "two", "three"]).await;
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!(handler.handled(), 3);
    let counters = nango.counters();
    assert_eq!((counters.events_queued, counters.events_handled, counters.events_failed), (3, 3, 0));
    worker.stop().await;
    send(&nango, &["four"]).await;
    sleep(MINUTE).await;
    assert_eq!(handler.handled(), 3, "it has stopped");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_for_an_hour_loses_nothing_and_is_not_called_without_pause() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    handler.0.is_failing.store(true, Ordering::Relaxed);
    let _worker = nango.event_worker(queue.clone()).spawn().unwrap();
    let texts: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    send(&nango, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sleep(60 * MINUTE).await;
    assert_eq!(handler.handled(), 0);
    handler.0.is_failing.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await.dead, 0);
    assert_eq!(handler.handled(), 40);
    let mut second = Vec::new();
    for text in &texts {
        let attempts = handler.attempts(text);
        assert!((11..=14).contains(&attempts.len()), "{} attempts in an hour", attempts.len());
        let numbers: Vec<_> = attempts.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=numbers.len()).map(|n| n as u32).collect::<Vec<_>>());
        second.push(attempts[1].1 - attempts[0].1);
    }
    second.sort();
    assert!(second[39] - second[0] > Duration::from_millis(200), "the pauses are spread");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_always_fails_becomes_a_dead_letter_and_stops_no_other() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    let builder = nango.event_worker(queue.clone()).max_failures(4).concurrency(2);
    let _worker = builder.time_limit(MINUTE).spawn().unwrap();
    send(&nango, &["poison", "panic", "slow", "one", "two"]).await;
    assert_eq!(empty(&queue).await, QueueDepth::new(0, 0, 3));
    assert_eq!(handler.handled(), 2);
    let mut letters = queue.dead_letters(None, 10).await.unwrap();
    letters.sort_by(|one, other| one.reason.cmp(&other.reason));
    assert!(letters[0].reason.contains("exceeded its time"), "{}", letters[0].reason);
    assert_eq!(letters[1].reason, "it never works");
    assert!(letters[2].reason.contains("panicked"), "{}", letters[2].reason);
    assert!(letters.iter().all(|letter| (letter.failures, letter.deaths) == (4, 0)), "{letters:?}");
    assert_eq!((nango.counters().events_dead, nango.counters().events_failed), (3, 12));
    assert!(queue.replay(&letters[1].key).await.unwrap());
    empty(&queue).await;
    assert_eq!(handler.attempts("poison").len(), 8, "a replay begins anew");
}

#[tokio::test(start_paused = true)]
async fn an_event_at_which_workers_end_is_handled_alone_and_then_given_up() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    send(&nango, &["any 1", "any 2", "any 3"]).await;
    // A worker that is killed.
    assert_eq!(queue.claim(10).await.unwrap().len(), 3);
    sleep(MINUTE).await;
    let worker = nango.event_worker(queue.clone()).spawn().unwrap();
    assert_eq!(empty(&queue).await, QueueDepth::default());
    worker.stop().await;
    assert_eq!((handler.handled(), handler.0.most_running.load(Ordering::Relaxed)), (3, 1));

    send(&nango, &["fatal"]).await;
    for _ in 0..5 {
        assert_eq!(queue.claim(10).await.unwrap().len(), 1);
        sleep(MINUTE).await;
    }
    let _worker = nango.event_worker(queue.clone()).spawn().unwrap();
    assert_eq!(empty(&queue).await, QueueDepth::new(0, 0, 1));
    assert!(handler.attempts("fatal").is_empty());
    let letter = queue.dead_letters(None, 1).await.unwrap().remove(0);
    assert_eq!((letter.failures, letter.deaths), (0, 5));
}

#[tokio::test(start_paused = true)]
async fn events_of_one_connection_wait_for_each_other() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    for number in 0..30 {
        let delivery = delivery(&format!("c{}", number % 3), &number.to_string());
        nango.receive(&delivery).await.unwrap();
    }
    let worker = |nango: &Nango| -> EventWorker {
        let builder: EventWorkerBuilder = nango.event_worker(queue.clone());
        builder.one_per_connection().spawn().unwrap()
    };
    // Two workers share no memory but the store's leases.
    let _workers = [worker(&nango), worker(&nango)];
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!(handler.handled(), 30);
    assert!(handler.0.most_running.load(Ordering::Relaxed) > 1, "others do not wait");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_unavailable_costs_nothing_but_time() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let _worker = nango.event_worker(queue.clone()).spawn().unwrap();
    send(&nango, &["one", "two"]).await;
    queue.0.is_down.store(true, Ordering::Relaxed);
    let error = nango.receive(&delivery("c", "lost")).await.unwrap_err();
    assert_eq!(error.status(), http::StatusCode::SERVICE_UNAVAILABLE);
    let before = queue.0.calls.load(Ordering::Relaxed);
    sleep(30 * MINUTE).await;
    let calls = queue.0.calls.load(Ordering::Relaxed) - before;
    assert!((60..400).contains(&calls), "{calls} calls in half an hour");
    queue.0.is_down.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await, QueueDepth::default());
    let mut handled = lock(&handler.0.handled).clone();
    handled.dedup();
    assert!(handled.contains(&"one".to_owned()) && handled.contains(&"two".to_owned()), "{handled:?}");
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_broken_off_once_its_claim_is_lost() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let _worker = nango.event_worker(queue.clone()).time_limit(60 * MINUTE).spawn().unwrap();
    send(&nango, &["slow"]).await;
    sleep(5 * MINUTE).await;
    assert_eq!(handler.attempts("slow").len(), 1, "its claim is renewed");
    queue.0.loses_claims.store(true, Ordering::Relaxed);
    sleep(Duration::from_secs(15)).await;
    queue.0.loses_claims.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!((handler.attempts("slow").len(), handler.handled()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_runs_and_returns_the_rest() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    let worker = nango.event_worker(queue.clone()).time_limit(60 * MINUTE).spawn().unwrap();
    send(&nango, &["one", "slow"]).await;
    sleep(Duration::from_millis(10)).await;
    let began = Instant::now();
    worker.stop().await;
    assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
    assert_eq!(handler.handled(), 1);
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    let claim = queue.claim(1).await.unwrap().remove(0);
    assert_eq!((claim.failures, claim.deaths), (0, 0), "what was broken off is no failure");
    queue.settle(&[Settlement::new(claim, Outcome::Done)]).await.unwrap();
}

#[tokio::test]
async fn what_the_queue_does_not_take_is_refused_before() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let error = nango.receive(&delivery("c", &"x".repeat(1_000))).await.unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::TooLarge);
    assert_eq!(queue.0.calls.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_worker_goes_on_without_its_handle_and_asks_no_more_often() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    drop(nango.event_worker(queue.clone()).spawn().unwrap());
    send(&nango, &["one"]).await;
    empty(&queue).await;
    let before = queue.0.calls.load(Ordering::Relaxed);
    sleep(MINUTE).await;
    let calls = queue.0.calls.load(Ordering::Relaxed) - before;
    assert!((100..=130).contains(&calls), "{calls} calls in a minute");
    assert_eq!(handler.handled(), 1);
}

/// Of the four tries in a lease, two hang. The claim holds all the same.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_costs_no_claim() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let _worker = nango.event_worker(queue.clone()).time_limit(60 * MINUTE).spawn().unwrap();
    send(&nango, &["slow"]).await;
    for _ in 0..8 {
        queue.0.hanging.store(2, Ordering::Relaxed);
        sleep(MINUTE).await;
        assert_eq!(queue.0.hanging.load(Ordering::Relaxed), 0, "they were tried");
    }
    empty(&queue).await;
    assert_eq!((handler.attempts("slow").len(), handler.handled()), (1, 1));
}

/// What was handled stays held until it is settled, and nothing else is begun with meanwhile.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_settled_is_not_handled_again_and_stops_the_claims() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let _worker = nango.event_worker(queue.clone()).concurrency(2).spawn().unwrap();
    queue.0.settles_nothing.store(true, Ordering::Relaxed);
    let texts: Vec<_> = (0..50).map(|number| number.to_string()).collect();
    send(&nango, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sleep(10 * MINUTE).await;
    assert!(handler.handled() <= 4, "{} were handled", handler.handled());
    let claims = queue.0.claims.load(Ordering::Relaxed);
    assert!(claims < 10, "{claims} claims");
    queue.0.settles_nothing.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!(handler.handled(), 50, "each once");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_no_event_and_no_connection_for_ever() {
    // The leases of the store in memory end by the real clock.
    let queue = MemoryEventQueue::with_lease(Duration::from_secs(1));
    let (handler, store) = (Handler::default(), HangingStore::default());
    let nango = nango_on(store.clone(), &handler, queue.clone());
    let builder = nango.event_worker(queue.clone()).one_per_connection().concurrency(2);
    let worker = builder.time_limit(60 * MINUTE).spawn().unwrap();
    send(&nango, &["slow", "one", "two"]).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(handler.handled(), 2);
    // The turn of the slow event cannot be prolonged any more: it is broken off before another worker has it.
    store.hangs.store(true, Ordering::Relaxed);
    send(&nango, &["three"]).await;
    sleep(5 * MINUTE).await;
    assert_eq!((handler.attempts("slow").len(), handler.handled()), (1, 2));
    store.hangs.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!((handler.attempts("slow").len(), handler.handled()), (2, 4));
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_needs_a_handler() {
    let queue = MemoryEventQueue::new();
    let nango = Nango::builder("key", SigningKeys::new(["key"]).unwrap(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["github"])
        .entity::<User>()
        .build()
        .unwrap();
    assert_eq!(nango.event_worker(queue).spawn().unwrap_err(), ConfigError::MissingHandler);
}
