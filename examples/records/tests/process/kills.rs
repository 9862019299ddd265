//! The worker is killed again and again.

use std::time::Duration;

use nango_emulator::{Delivery, DeliveryState};
use rand::RngExt as _;
use tokio::time::sleep;

use crate::bench::{Bench, CALM, LIMIT, RESET};
use crate::changes::Changes;

/// The time within which a worker is killed after its start: it is enough to store a backlog.
const LIFE: Duration = Duration::from_millis(100);

/// The time between two batches of a backlog: more than twice the five minutes of the worker's overlap, by which
/// it begins before its position.
const PAUSE: Duration = Duration::from_secs(11 * 60);

#[derive(Default, Debug)]
struct Figures {
    kills: u32,
    at_the_end: u32,
    before_the_first_page: u32,
    in_the_middle: u32,
    late_batches: u32,
    resets: u32,
    resets_announced_again: u32,
    lost_webhooks: usize,
}

impl Figures {
    fn count_kill(&mut self, was_done: bool, was_not_begun: bool) {
        self.kills += 1;
        match (was_done, was_not_begun) {
            (true, _) => self.at_the_end += 1,
            (false, true) => self.before_the_first_page += 1,
            (false, false) => self.in_the_middle += 1,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_records_wherever_the_worker_is_killed() {
    let kills = variable("NANGO_TEST_KILLS").unwrap_or(20);
    let seed = variable("NANGO_TEST_SEED").unwrap_or_else(rand::random);
    println!("NANGO_TEST_SEED={seed}");
    let bench = Bench::start().await;
    let mut changes = Changes::new(seed);
    let mut figures = Figures::default();
    {
        let _worker = bench.worker(&[]);
        for connection in [CALM, RESET] {
            bench.run(connection, std::sync::Arc::new(|_| Ok(()))).await;
        }
        assert!(bench.emulator.wait_for_deliveries(LIMIT).await);
        bench.settle("the first runs").await;
    }
    for round in 0.. {
        let what = match round % 3 {
            0 => backlog(&bench, &mut changes, &mut figures).await,
            1 => parallel_writers(&bench, &mut changes, &mut figures).await,
            _ => resets(&bench, &mut changes, &mut figures).await,
        };
        let _worker = bench.worker(&[]);
        announce_resets(&bench, &mut changes, &mut figures).await;
        bench.settle(&format!("after {what}, with {figures:?} and the seed {seed}")).await;
        for connection in [CALM, RESET] {
            for (id, revision) in bench.revisions(connection).await {
                let states = changes.states(connection, &id);
                assert!(
                    revision <= states,
                    "{id} was stored {revision} times, and had {states} states, seed {seed}"
                );
            }
        }
        if u64::from(figures.kills) >= kills {
            break;
        }
    }
    let deliveries = bench.emulator.deliveries();
    figures.lost_webhooks = deliveries.iter().filter(|one| one.state != DeliveryState::Delivered).count();
    println!("{figures:?}, of {} webhooks", deliveries.len());
    assert!(figures.in_the_middle > 0, "the kills were too early or too late: {figures:?}");
}

/// Kills the worker while it stores what has piled up.
async fn backlog(bench: &Bench, changes: &mut Changes, figures: &mut Figures) -> &'static str {
    for _ in 0..changes.random.random_range(1..4) {
        let connection = changes.connection();
        changes.backlog(bench, connection, PAUSE);
        kill_while_syncs_run(bench, changes, figures).await;
    }
    "backlogs"
}

/// Kills the worker around a save that commits late: behind records that the worker has read already.
async fn parallel_writers(bench: &Bench, changes: &mut Changes, figures: &mut Figures) -> &'static str {
    let connection = changes.connection();
    let (batch, records) = changes.begin_late(bench, connection);
    changes.backlog(bench, connection, Duration::ZERO);
    kill_while_syncs_run(bench, changes, figures).await;
    let worker = bench.worker(&[]);
    announce_resets(bench, changes, figures).await;
    bench.settle("before a save commits late").await;
    batch.save(records).unwrap();
    figures.late_batches += 1;
    if changes.random.random_bool(0.5) {
        worker.kill();
        kill_while_syncs_run(bench, changes, figures).await;
    } else {
        changes.run(bench, connection).await;
    }
    "a save that committed late"
}

/// Kills the worker while it compares.
async fn resets(bench: &Bench, changes: &mut Changes, figures: &mut Figures) -> &'static str {
    changes.backlog(bench, RESET, PAUSE);
    let worker = bench.worker(&[]);
    bench.settle("before a reset").await;
    changes.reset(bench).await;
    figures.resets += 1;
    // The webhook is answered within this time, and the comparison has not ended.
    sleep(changes.random.random_range(Duration::ZERO..LIFE / 3)).await;
    worker.kill();
    figures.count_kill(bench.is_settled().await, false);
    for _ in 0..changes.random.random_range(0..3) {
        kill_while_syncs_run(bench, changes, figures).await;
    }
    "a reset"
}

/// Starts the worker, and kills it at a random moment.
async fn kill_while_syncs_run(bench: &Bench, changes: &mut Changes, figures: &mut Figures) {
    let versions = async || bench.version(CALM).await + bench.version(RESET).await;
    let before = versions().await;
    let life = changes.random.random_range(Duration::ZERO..LIFE);
    let worker = bench.worker(&[]);
    // Another one may be started before the first has ended, as in a rolling deployment.
    let other = changes.random.random_bool(0.25).then(|| bench.worker(&["--listen", "127.0.0.1:0"]));
    let runs = async {
        for _ in 0..changes.random.random_range(0..3) {
            let connection = changes.connection();
            changes.run(bench, connection).await;
            sleep(changes.random.random_range(Duration::ZERO..LIFE / 2)).await;
        }
    };
    let kill = async {
        sleep(life).await;
        worker.kill();
        drop(other);
    };
    tokio::join!(runs, kill);
    figures.count_kill(bench.is_settled().await, versions().await == before);
}

/// Resets once more where no webhook of the last reset was answered: nothing else announces it before the
/// comparison of the next day.
async fn announce_resets(bench: &Bench, changes: &mut Changes, figures: &mut Figures) {
    let is_of_reset =
        |one: &Delivery| one.body.contains(r#""syncType":"INITIAL""#) && one.body.contains(RESET);
    loop {
        let last = bench.emulator.deliveries().into_iter().rfind(is_of_reset);
        match last.map(|one| one.state) {
            None | Some(DeliveryState::Delivered) => return,
            Some(DeliveryState::Pending) => {
                bench.emulator.advance(Duration::from_secs(6));
                sleep(Duration::from_millis(20)).await;
            }
            Some(_) => {
                changes.reset(bench).await;
                figures.resets_announced_again += 1;
            }
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
