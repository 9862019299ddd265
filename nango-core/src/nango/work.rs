//! The work of the handle that no owner asks for: deliveries, events, sweeps, and the check of the set-up.

use std::time::Duration;

use nango_client::Verified;

use super::handle::Nango;
use crate::engine::{DrainReport, Waiting};
use crate::error::Error;
use crate::queue::QueuedEvent;
use crate::report::HandlerError;
use crate::setup::{Depth, SetupReport, check};
use crate::sweep::{SweepRequest, Sweeper};

impl Nango {
    /// Processes a delivery: looks at the connection, writes down the result, then begins to notify
    /// the app's handler, for which it does not wait.
    ///
    /// For routes of the app's own; the ready-made one does this, too. The delivery is only a hint
    /// at the connection.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Verified};
    /// # async fn run(nango: Nango, delivery: Verified) -> Result<(), Error> {
    /// nango.receive(&delivery).await?; // `SigningKeys::verify` returned it
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the store is unavailable: nothing was written, and Nango should send the delivery
    /// again. When Nango is unavailable, a mark is written, which [`drain`](Self::drain) and
    /// [`spawn_sweeper`](Self::spawn_sweeper) process.
    pub async fn receive(&self, delivery: &Verified) -> Result<(), Error> {
        self.engine().receive(delivery).await
    }

    /// Runs the app's handler for an event of a queue. An error means that it should be tried again.
    ///
    /// For a worker of the app's own; an [`EventWorker`](crate::EventWorker) does this, too. There is no
    /// deadline but the caller's.
    ///
    /// ```no_run
    /// # use nango_core::{BoxError, Nango, QueuedEvent};
    /// # async fn run(nango: Nango, event: QueuedEvent) -> Result<(), BoxError> {
    /// nango.handle_event(&event).await?; // an error: keep it in the queue
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the handler failed or panicked, or [there is none](crate::NangoBuilder::handler).
    pub async fn handle_event(&self, event: &QueuedEvent) -> Result<(), HandlerError> {
        self.engine().handle_event(event).await
    }

    /// Looks at every marked connection whose look is due, notifies the handler of every pending
    /// change, and waits for both. At most 16 handlers run at a time.
    ///
    /// [`spawn_sweeper`](Self::spawn_sweeper) does this once a second. Any number of instances may
    /// do it at the same time.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango};
    /// # async fn run(nango: Nango) -> Result<(), Error> {
    /// let report = nango.drain().await?;
    /// println!("{} left for the next call", report.deferred);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the store is unavailable. A failure of Nango or of the app's handler is left for the
    /// next call.
    pub async fn drain(&self) -> Result<DrainReport, Error> {
        self.engine().sweepers.note_run();
        self.engine().drain(&mut Waiting::default()).await
    }

    /// Waits until the app's handler has returned from every notification that began before this
    /// call, and from those of the same connections that followed them; also from notices that
    /// waited for their turn.
    ///
    /// For tests, whose assertions are about effects of the handler; and for a graceful stop, after
    /// the server has answered its last request, so that the handler is not cancelled halfway. It
    /// does not wait for what was left to the sweeper: changes beyond the limit of handlers, and
    /// those whose notification failed, stay in the store until [`drain`](Self::drain) or the task
    /// of [`spawn_sweeper`](Self::spawn_sweeper) processes them, also after a restart.
    ///
    /// On Actix, notifications end with the worker that began them: what was not acknowledged by then
    /// is repeated. A handler that calls this waits for itself, until its own deadline.
    ///
    /// ```
    /// # async fn stop(nango: nango_core::Nango, sweeper: nango_core::Sweeper, server: impl Future<Output = ()>) {
    /// sweeper.stop().await; // first: another instance may sweep from now on
    /// server.await; // open requests end, which takes a page that waits for its attempt up to 25 s
    /// nango.settled().await;
    /// # }
    /// ```
    pub async fn settled(&self) {
        self.engine().settled().await;
    }

    /// Prepares a sweep: it walks over all connections of the environment and brings the store in
    /// line with them.
    ///
    /// A sweep finds what no webhook reported: deliveries that were lost, connections that were
    /// deleted in Nango's dashboard (Nango sends nothing for those), and tags that were changed. It
    /// needs a key that may list connections. Memory: 16 bytes for each connection, and a page.
    ///
    /// Pages shift while connections come and go. So a connection that differs is looked at once
    /// more after its row was read, and one that was on no page is looked up by its id before it is
    /// taken for gone; four at a time are. While little of Nango's rate limit remains, a sweep
    /// waits, so that webhooks and people are served.
    ///
    /// ```
    /// # async fn run(nango: nango_core::Nango) -> Result<(), nango_core::Error> {
    /// let report = nango.sweep().dry_run().run().await?;
    /// println!("{} connections are missing in the store", report.missing_in_store.count);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sweep(&self) -> SweepRequest {
        SweepRequest::new(self.engine().clone())
    }

    /// Starts the background task that processes marks, once a second, and sweeps, every `interval`
    /// (give or take a tenth) and after every outage of Nango or of the store, whose deliveries may
    /// be lost.
    ///
    /// Every instance of an app should have one. Of several on one database one sweeps in each
    /// interval, and another takes over when it dies: within a minute if that is in the middle of a
    /// sweep. All of them process marks.
    ///
    /// ```no_run
    /// # async fn run(nango: nango_core::Nango) {
    /// let sweeper = nango.spawn_sweeper(std::time::Duration::from_secs(300));
    /// // At the end of the program:
    /// sweeper.stop().await;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use = "keep it, to be able to stop it"]
    pub fn spawn_sweeper(&self, interval: Duration) -> Sweeper {
        Sweeper::spawn(self.engine().clone(), self.settings().allowed_integrations.clone(), interval)
    }

    /// Checks whether what the app is configured with works: the host, the key and its scopes, the
    /// integrations, the store, the sweeper. Each subject has a finding of its own, and one that says
    /// what to do where something is wrong.
    ///
    /// Makes at most five calls to Nango, creates nothing there, and writes a lease to the store. The
    /// task of [`spawn_sweeper`](Self::spawn_sweeper) makes a smaller check when it starts, and logs
    /// the findings.
    ///
    /// ```
    /// # async fn run(nango: nango_core::Nango) -> Result<(), Box<dyn std::error::Error>> {
    /// let report = nango.check_setup().await;
    /// print!("{report}");
    /// if !report.is_ok() {
    ///     return Err("the set-up does not work".into());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check_setup(&self) -> SetupReport {
        check(self.engine(), &self.settings().allowed_integrations, Depth::Full).await
    }
}
