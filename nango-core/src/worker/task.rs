//! The loop of a worker.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::calls::Calls;
use super::held::{Held, Hold};
use super::job::Jobs;
use super::policy::Policy;
use super::turns::Turns;
use crate::nango::Nango;
use crate::queue::{Claim, Outcome, Settlement, WorkQueue};
use crate::report::BackgroundFailure;
use crate::store::StoreError;
use crate::sync::stopped;

/// The deadline of a graceful stop.
const STOP: Duration = Duration::from_secs(10);

/// The longest deadline of a call of the queue.
const CALL: Duration = Duration::from_secs(10);

/// The settlements of one call: what it has settled is not settled again if the next one fails.
const CHUNK: usize = 64;

/// The wait for handlers that are broken off. One that blocks its thread does not end.
const ABORT: Duration = Duration::from_secs(1);

/// The wait for other events, once one has ended.
const GATHER: Duration = Duration::from_millis(1);

/// What a job returns: a claim that is lost is not settled.
type Ended = Option<(Settlement, Hold)>;

pub(super) struct Task {
    queue: Arc<dyn WorkQueue>,
    jobs: Jobs,
    stop: watch::Receiver<bool>,
    held: Held,
    running: JoinSet<Ended>,
    /// Claims at which a worker has ended before. Each is handled alone, so that it takes no other event
    /// with it if it ends this one, too.
    aside: VecDeque<(Claim, Hold)>,
    /// `true` while the only running job is one that was set aside.
    is_alone: bool,
    /// Held until they are settled: an event that was handled must not be claimed again meanwhile.
    unsettled: Vec<(Settlement, Option<Hold>)>,
    claims: Calls,
    settlements: Calls,
}

impl Task {
    pub(super) fn new(
        nango: Nango,
        queue: Arc<dyn WorkQueue>,
        policy: Policy,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let jobs = Jobs { nango, policy, turns: Turns::default(), lease: queue.lease() };
        Self {
            queue,
            jobs,
            stop,
            held: Held::default(),
            running: JoinSet::new(),
            aside: VecDeque::new(),
            is_alone: false,
            unsettled: Vec::new(),
            claims: Calls::new(),
            settlements: Calls::new(),
        }
    }

    pub(super) async fn run(mut self) {
        let (held, queue, nango) = (self.held.clone(), self.queue.clone(), self.jobs.nango.clone());
        // Beside the loop: a call of the queue that takes long must not cost the claims.
        let renew = async {
            let mut pause = queue.lease() / 3;
            loop {
                sleep(pause).await;
                pause = queue.lease() / 3;
                if let Err(error) = held.renew(&*queue).await {
                    let what = "prolong its claims";
                    nango.report(BackgroundFailure::EventQueue { what, error: error.into() });
                    // Several tries, before the leases end.
                    pause = queue.lease() / 12;
                }
            }
        };
        let (work, renew) = (pin!(self.work()), pin!(renew));
        tokio::select! {
            () = work => {}
            () = renew => {}
        }
    }

    async fn work(&mut self) {
        while !*self.stop.borrow() {
            self.start_alone().await;
            self.exchange().await;
            self.wait().await;
        }
        self.end().await;
    }

    /// Settles what has ended, and claims as many events as there are places, both at once: each is a round
    /// trip.
    async fn exchange(&mut self) {
        let (asked, limit, deadline) = (Instant::now(), self.places(), self.deadline());
        let chunk: Vec<_> = self.chunk();
        let settle = async {
            match self.can_settle() {
                true => Some(timeout(deadline, self.queue.settle(&chunk)).await),
                false => None,
            }
        };
        let claim = async {
            match limit > 0 && self.claims.are_due() {
                true => Some(timeout(deadline, self.queue.claim(limit)).await),
                false => None,
            }
        };
        let (settled, claimed) = tokio::join!(settle, claim);
        if let Some(settled) = settled {
            self.note_settled(settled, chunk.len());
        }
        if let Some(claimed) = claimed
            && let Some(claims) = self.claims.checked(&self.jobs.nango, "claim events", claimed)
        {
            self.begin(claims, asked);
        }
    }

    /// A call that takes longer leaves claims unheld for too long.
    fn deadline(&self) -> Duration {
        CALL.min(self.jobs.lease / 3)
    }

    fn chunk(&self) -> Vec<Settlement> {
        self.unsettled.iter().take(CHUNK).map(|(settlement, _)| settlement.clone()).collect()
    }

    fn note_settled(&mut self, settled: Result<Result<(), StoreError>, Elapsed>, chunk: usize) {
        if self.settlements.checked(&self.jobs.nango, "settle events", settled).is_some() {
            self.unsettled.drain(..chunk);
        }
    }

    /// Returns the number of events that may be claimed. None while what was handled cannot be settled.
    fn places(&self) -> usize {
        match self.is_alone || !self.aside.is_empty() || self.settlements.failures > 0 || *self.stop.borrow()
        {
            true => 0,
            false => self.jobs.policy.concurrency.saturating_sub(self.running.len()),
        }
    }

    fn can_settle(&self) -> bool {
        !self.unsettled.is_empty() && (self.settlements.failures == 0 || self.settlements.are_due())
    }

    /// Begins to handle the events of claims.
    fn begin(&mut self, claims: Vec<Claim>, asked: Instant) {
        if claims.is_empty() {
            self.claims.next = Instant::now() + self.jobs.policy.poll;
        }
        for claim in claims {
            let hold = self.held.hold(&claim, asked, self.queue.lease());
            match claim.deaths {
                0 => {
                    self.running.spawn(self.jobs.clone().run(claim, hold));
                }
                // rule: crash-loop
                deaths if deaths >= self.jobs.policy.max_deaths => {
                    let outcome = self.jobs.fatal(&claim);
                    self.unsettled.push((Settlement::new(claim, outcome), Some(hold)));
                }
                // rule: suspects-alone
                _ => self.aside.push_back((claim, hold)),
            }
        }
    }

    /// Starts the next job that was set aside, once no other runs. The others go back to the queue: only
    /// one that runs may be to blame for what happens then.
    async fn start_alone(&mut self) {
        if !self.running.is_empty() {
            return;
        }
        self.is_alone = false;
        let Some((claim, hold)) = self.aside.pop_front() else { return };
        self.release_aside();
        self.settle().await;
        self.is_alone = true;
        self.running.spawn(self.jobs.clone().run(claim, hold));
    }

    fn release_aside(&mut self) {
        self.unsettled.extend(self.aside.drain(..).map(|(claim, hold)| (released(claim), Some(hold))));
    }

    /// Waits until there is something to do.
    async fn wait(&mut self) {
        let can_start = self.running.is_empty() && !self.aside.is_empty();
        if self.can_settle() || can_start {
            return;
        }
        let (claims, settles) = (self.places() > 0, !self.unsettled.is_empty());
        let until = |calls: &Calls| calls.next.saturating_duration_since(Instant::now());
        let (claim, settle) = (until(&self.claims), until(&self.settlements));
        let (queue, is_away) = (Arc::clone(&self.queue), self.claims.failures > 0);
        let due = async move {
            match claim {
                Duration::ZERO => {}
                // An outage is not over because of a push.
                pause if is_away => sleep(pause).await,
                pause => queue.wait(pause).await,
            }
        };
        tokio::select! {
            Some(ended) = self.running.join_next() => {
                note_ended(&mut self.unsettled, ended);
                self.gather().await;
            }
            () = due, if claims => self.claims.next = Instant::now(),
            () = sleep(settle), if settles => {}
            () = stopped(&mut self.stop) => {}
        }
    }

    /// Waits a moment for what ends together, so that it is settled together, and the places are filled
    /// together: a transaction for each event would cost quick handlers most of their time.
    async fn gather(&mut self) {
        let (running, unsettled) = (&mut self.running, &mut self.unsettled);
        let all = async {
            while let Some(ended) = running.join_next().await {
                note_ended(unsettled, ended);
            }
        };
        // Those that take longer are not waited for.
        let _ = timeout(GATHER, all).await;
    }

    /// Settles what has ended.
    async fn settle(&mut self) {
        while self.can_settle() {
            let chunk = self.chunk();
            let settled = timeout(self.deadline(), self.queue.settle(&chunk)).await;
            self.note_settled(settled, chunk.len());
        }
    }

    /// Ends what runs, or breaks it off. What was not handled goes back to the queue.
    async fn end(&mut self) {
        self.release_aside();
        let deadline = Instant::now() + STOP;
        while let Ok(Some(ended)) = timeout_at(deadline, self.running.join_next()).await {
            note_ended(&mut self.unsettled, ended);
        }
        let running = self.held.claims();
        self.running.abort_all();
        let deadline = Instant::now() + ABORT;
        while let Ok(Some(ended)) = timeout_at(deadline, self.running.join_next()).await {
            note_ended(&mut self.unsettled, ended);
        }
        // What is held still is not settled, or its handler has not ended: its lease ends by itself.
        let held = self.held.claims();
        let is_held = |claim: &Claim| held.iter().any(|held| held.key == claim.key);
        let broken_off = running.into_iter().filter(|claim| !is_held(claim));
        self.unsettled.extend(broken_off.map(|claim| (released(claim), None)));
        self.settlements.failures = 0;
        self.settle().await;
    }
}

/// Takes note of a job that has ended. One that panicked beside the handler, as in the `Drop` of its future,
/// is handled again when its lease ends.
fn note_ended(unsettled: &mut Vec<(Settlement, Option<Hold>)>, ended: Result<Ended, JoinError>) {
    match ended {
        Ok(ended) => unsettled.extend(ended.map(|(settlement, hold)| (settlement, Some(hold)))),
        Err(error) if error.is_panic() => {
            tracing::error!("an event's handler panicked while it was dropped; the event is handled again");
        }
        Err(_) => {}
    }
}

fn released(claim: Claim) -> Settlement {
    Settlement::new(claim, Outcome::Released { retry_after: Duration::ZERO })
}
