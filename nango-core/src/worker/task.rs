//! The loop of a worker.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::held::{Held, Hold};
use super::job::Jobs;
use super::policy::Policy;
use super::turns::Turns;
use crate::backoff::{Backoff, jittered};
use crate::nango::Nango;
use crate::queue::{Claim, Outcome, Settlement, WorkQueue};
use crate::report::BackgroundFailure;
use crate::store::{StoreError, StoreErrorKind};
use crate::sync::stopped;

/// The deadline of a graceful stop.
const STOP: Duration = Duration::from_secs(10);

/// The deadline of a call of the queue.
const CALL: Duration = Duration::from_secs(10);

/// The wait for other events, once one has ended.
const GATHER: Duration = Duration::from_millis(1);

/// The pauses while the queue is unavailable.
const OUTAGE: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(15));

pub(super) struct Task {
    queue: Arc<dyn WorkQueue>,
    jobs: Jobs,
    stop: watch::Receiver<bool>,
    held: Held,
    running: JoinSet<Option<Settlement>>,
    /// Claims at which a worker has ended before. Each is handled alone, so that it takes no other event
    /// with it if it ends this one, too.
    aside: VecDeque<(Claim, Hold)>,
    /// `true` while the only running job is one that was set aside.
    is_alone: bool,
    unsettled: Vec<Settlement>,
    /// The number of failures of the queue in a row.
    failures: u32,
    next_claim: Instant,
}

impl Task {
    pub(super) fn new(
        nango: Nango,
        queue: Arc<dyn WorkQueue>,
        policy: Policy,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let holder = format!("{:032x}", rand::random::<u128>());
        let jobs = Jobs { nango, policy, turns: Turns::default(), holder, lease: queue.lease() };
        Self {
            queue,
            jobs,
            stop,
            held: Held::default(),
            running: JoinSet::new(),
            aside: VecDeque::new(),
            is_alone: false,
            unsettled: Vec::new(),
            failures: 0,
            next_claim: Instant::now(),
        }
    }

    pub(super) async fn run(mut self) {
        let (held, queue, nango) = (self.held.clone(), self.queue.clone(), self.jobs.nango.clone());
        // Beside the loop: a call of the queue that takes long must not cost the claims.
        let renew = async {
            loop {
                sleep(queue.lease() / 3).await;
                if let Err(error) = held.renew(&*queue).await {
                    let what = "prolong its claims";
                    nango.report(BackgroundFailure::EventQueue { what, error: error.into() });
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
        let (asked, limit) = (Instant::now(), self.places());
        let settle = async {
            match self.can_settle() {
                true => Some(timeout(CALL, self.queue.settle(&self.unsettled)).await),
                false => None,
            }
        };
        let claim = async {
            match limit > 0 && asked >= self.next_claim {
                true => Some(timeout(CALL, self.queue.claim(limit)).await),
                false => None,
            }
        };
        let (settled, claimed) = tokio::join!(settle, claim);
        if let Some(settled) = settled
            && self.checked("settle events", settled).is_some()
        {
            self.unsettled.clear();
        }
        if let Some(claimed) = claimed
            && let Some(claims) = self.checked("claim events", claimed)
        {
            self.begin(claims, asked);
        }
    }

    /// Returns the number of events that may be claimed.
    fn places(&self) -> usize {
        match self.is_alone || !self.aside.is_empty() {
            true => 0,
            false => self.jobs.policy.concurrency.saturating_sub(self.running.len()),
        }
    }

    fn can_settle(&self) -> bool {
        !self.unsettled.is_empty() && (self.failures == 0 || Instant::now() >= self.next_claim)
    }

    /// Begins to handle the events of claims.
    fn begin(&mut self, claims: Vec<Claim>, asked: Instant) {
        if claims.is_empty() {
            self.next_claim = Instant::now() + self.jobs.policy.poll;
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
                    self.unsettled.push(Settlement::new(claim, outcome));
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
        self.unsettled.extend(self.aside.drain(..).map(|(claim, _)| released(claim)));
    }

    /// Waits until there is something to do.
    async fn wait(&mut self) {
        let can_settle = !self.unsettled.is_empty() && self.failures == 0;
        let can_start = self.running.is_empty() && !self.aside.is_empty();
        if can_settle || can_start {
            return;
        }
        let claims = self.places() > 0;
        let until = self.next_claim.saturating_duration_since(Instant::now());
        let queue = Arc::clone(&self.queue);
        let pushed = async move {
            match until {
                Duration::ZERO => {}
                // An outage is not over because of a push.
                until => queue.wait(until).await,
            }
        };
        tokio::select! {
            Some(ended) = self.running.join_next() => {
                self.unsettled.extend(ended.ok().flatten());
                self.gather().await;
            }
            () = pushed, if claims && self.failures == 0 => self.next_claim = Instant::now(),
            () = sleep(until), if self.failures > 0 => {}
            () = stopped(&mut self.stop) => {}
        }
    }

    /// Waits a moment for what ends together, so that it is settled together, and the places are filled
    /// together: a transaction for each event would cost quick handlers most of their time.
    async fn gather(&mut self) {
        let (running, unsettled) = (&mut self.running, &mut self.unsettled);
        let all = async {
            while let Some(ended) = running.join_next().await {
                unsettled.extend(ended.ok().flatten());
            }
        };
        // Those that take longer are not waited for.
        let _ = timeout(GATHER, all).await;
    }

    /// Settles what has ended.
    async fn settle(&mut self) {
        if !self.can_settle() {
            return;
        }
        let settled = timeout(CALL, self.queue.settle(&self.unsettled)).await;
        if self.checked("settle events", settled).is_some() {
            self.unsettled.clear();
        }
    }

    /// Passes on what the queue returned. A failure postpones the next call.
    fn checked<T>(
        &mut self,
        what: &'static str,
        result: Result<Result<T, StoreError>, Elapsed>,
    ) -> Option<T> {
        let late = |_| {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            Err(StoreError::new(StoreErrorKind::Unavailable, late))
        };
        match result.unwrap_or_else(late) {
            Ok(value) => {
                self.failures = 0;
                Some(value)
            }
            Err(error) => {
                self.next_claim = Instant::now() + jittered(OUTAGE.after(self.failures));
                self.failures = self.failures.saturating_add(1);
                self.jobs.nango.report(BackgroundFailure::EventQueue { what, error: error.into() });
                None
            }
        }
    }

    /// Ends what runs, or breaks it off. What was not handled goes back to the queue.
    async fn end(&mut self) {
        self.release_aside();
        let deadline = Instant::now() + STOP;
        while let Ok(Some(ended)) = timeout_at(deadline, self.running.join_next()).await {
            self.unsettled.extend(ended.ok().flatten());
        }
        let broken_off = self.held.claims();
        self.running.shutdown().await;
        self.unsettled.extend(broken_off.into_iter().map(released));
        self.failures = 0;
        self.settle().await;
    }
}

fn released(claim: Claim) -> Settlement {
    Settlement::new(claim, Outcome::Released { retry_after: Duration::ZERO })
}
