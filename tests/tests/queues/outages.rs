//! The queue is away for a while: deliveries are answered 503, and what was accepted before is handled after.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nango_tests::PostgresServer;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::time::sleep;

use super::Place;
use super::fleet::Fleet;
use super::journal::Journal;

/// An outage of the queue, and its end.
trait Outage {
    async fn begin(&mut self);
    async fn end(&mut self);
}

struct Restart(PostgresServer);

impl Outage for Restart {
    async fn begin(&mut self) {
        self.0.crash();
    }

    async fn end(&mut self) {
        self.0.resume();
    }
}

struct Lock(SqliteConnection);

impl Outage for Lock {
    async fn begin(&mut self) {
        sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut self.0).await.unwrap();
    }

    async fn end(&mut self) {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_postgres_that_crashes_and_comes_back_loses_nothing() {
    let server = PostgresServer::start();
    let place =
        Place { url: server.url(), prefix: "nango_".to_owned(), folder: tempfile::tempdir().unwrap() };
    an_outage_loses_nothing(place, Restart(server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_is_locked_for_a_while_loses_nothing() {
    let place = Place::sqlite();
    let file = format!("{}?mode=rwc", place.url);
    an_outage_loses_nothing(place, Lock(SqliteConnection::connect(&file).await.unwrap())).await;
}

async fn an_outage_loses_nothing(place: Place, mut outage: impl Outage) {
    let place = Arc::new(place);
    let fleet =
        Arc::new(Fleet::start(&place, 1, 2, &[("TEST_LEASE_MILLIS", "3000"), ("TEST_HANDLER_MILLIS", "30")]));
    let deliver = async |from: usize, to: usize| {
        let mut accepted = Vec::new();
        for number in from..to {
            let mark = number.to_string();
            if fleet.deliver(&mark, "succeed").await {
                accepted.push(mark);
            }
        }
        accepted
    };
    let mut accepted = deliver(0, 150).await;
    assert_eq!(accepted.len(), 150);
    outage.begin().await;
    let began = Instant::now();
    let refused = fleet.deliver("refused", "succeed").await;
    assert!(!refused, "an event that cannot be queued is not accepted");
    assert!(began.elapsed() < Duration::from_secs(10), "Nango waits no longer: {:?}", began.elapsed());
    sleep(Duration::from_secs(8).saturating_sub(began.elapsed())).await;
    outage.end().await;
    let ended = Instant::now();
    while !fleet.deliver("after", "succeed").await {
        assert!(ended.elapsed() < Duration::from_secs(30), "deliveries are refused after the outage");
        sleep(Duration::from_millis(100)).await;
    }
    accepted.extend(deliver(150, 200).await);
    let journal = loop {
        let journal = Journal::read(&place);
        if accepted.iter().all(|mark| journal.handled(mark) > 0) {
            break journal;
        }
        assert!(ended.elapsed() < Duration::from_secs(60), "not all accepted events were handled");
        sleep(Duration::from_millis(100)).await;
    };
    let twice = accepted.iter().filter(|mark| journal.handled(mark) > 1).count();
    println!(
        "{}: {} accepted, all handled {:?} after the outage, {twice} twice",
        place.url.split(':').next().unwrap(),
        accepted.len(),
        ended.elapsed()
    );
    assert!(fleet.replace_dead().is_empty(), "no process has ended");
    assert_eq!(journal.overlaps(&Default::default()), [""; 0]);
}
