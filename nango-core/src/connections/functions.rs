//! What Nango's functions do for a connection: the records of syncs, the syncs themselves, and actions.

use std::marker::PhantomData;
use std::time::Duration;

use nango_client::{
    ActionOutcome, Cursor, ListRecords, PruneRecords, RunAction, StartedAction, SyncClient, SyncFrequency,
    SyncName, SyncStatus, TriggerSyncs,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::owned::OwnedConnection;
use crate::error::Error;

impl OwnedConnection {
    /// Lists the records of a model that syncs have saved for the connection, in the order of their last
    /// change: one page, all pages, a stream, or a reader that goes on for good.
    ///
    /// Store the position of what was processed, and begin after it the next time.
    ///
    /// ```no_run
    /// # use nango_core::{Cursor, Nango, Owner};
    /// # fn stored_position() -> Option<Cursor> { None }
    /// # fn store(_: Vec<Issue>, _: Option<&Cursor>) {}
    /// #[derive(serde::Deserialize)]
    /// struct Issue {
    ///     title: String,
    /// }
    ///
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let github = nango.connection(&user, "github").await?;
    /// let mut pages = github.records::<Issue>("Issue").after(stored_position()).limit(1000).pages();
    /// while let Some(page) = pages.next_page().await? {
    ///     let issues = page.into_iter().filter_map(|record| record.into_present()).collect();
    ///     store(issues, pages.position()); // in one transaction
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn records<T: DeserializeOwned>(&self, model: impl Into<String>) -> ListRecords<'_, T> {
        self.engine().client.records(self.key(), model)
    }

    /// Drops the data of a model's records up to a position, and including it. The records stay, with
    /// their ids and positions.
    ///
    /// ```no_run
    /// # use nango_core::{Cursor, Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner, position: Cursor) -> Result<(), Error> {
    /// let github = nango.connection(&user, "github").await?;
    /// while github.prune_records("Issue", &position).send().await?.has_more {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn prune_records(&self, model: impl Into<String>, until: &Cursor) -> PruneRecords<'_> {
        self.engine().client.prune_records(self.key(), model, until)
    }

    /// Returns a client of the connection's syncs, to run, pause and watch several at once.
    #[must_use]
    pub fn syncs(&self) -> SyncClient {
        self.engine().client.syncs(self.key())
    }

    /// Returns a client of one sync, by name: `issues`, or `issues::team-2` for a variant.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let github = nango.connection(&user, "github").await?;
    /// let issues = github.sync("issues");
    /// issues.start().await?;
    /// let runs = issues.trigger().run(Duration::from_secs(120)).await?;
    /// if runs.pending.is_empty() {
    ///     let page = issues.records::<serde_json::Value>("Issue").send().await?;
    ///     println!("{} issues", page.records.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sync(&self, name: impl Into<SyncName>) -> OwnedSync<'_> {
        OwnedSync { connection: self, syncs: self.syncs(), name: name.into() }
    }

    /// Returns a client of an action of the connection's integration, with the types of its input and its
    /// output. An action without input takes `()`, one without output returns it.
    ///
    /// Nango checks neither against what the action declares (observed on 0.71.4).
    ///
    /// ```no_run
    /// # use nango_core::{ActionOutcome, Nango, Owner};
    /// #[derive(serde::Serialize)]
    /// struct NewIssue<'a> {
    ///     title: &'a str,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Created {
    ///     number: u64,
    /// }
    ///
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let github = nango.connection(&user, "github").await?;
    /// let create = github.action::<NewIssue<'_>, Created>("create-issue");
    /// match create.run(&NewIssue { title: "Crash" }).await? {
    ///     ActionOutcome::Done(issue) => println!("#{}", issue.number),
    ///     ActionOutcome::Failed(failure) => println!("not created: {:?}", failure.kind),
    ///     ActionOutcome::Unknown(error) => println!("look before you try again: {error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn action<I: Serialize, O: DeserializeOwned>(
        &self,
        name: impl Into<String>,
    ) -> OwnedAction<'_, I, O> {
        let action = self.engine().client.action(self.key(), name);
        OwnedAction { connection: self, action, shape: PhantomData }
    }
}

/// One sync of a connection. [`OwnedConnection::sync`] creates it.
#[derive(Clone)]
pub struct OwnedSync<'a> {
    connection: &'a OwnedConnection,
    syncs: SyncClient,
    name: SyncName,
}

nango_client::__debug_only!(OwnedSync<'_> { name });

impl OwnedSync<'_> {
    /// Runs the sync now, also a paused one, which stays paused.
    pub fn trigger(&self) -> TriggerSyncs<'_> {
        self.syncs.trigger(self.name.clone())
    }

    /// Lets the sync run at its interval. Success means that Nango has found it, and not that it runs at
    /// once (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the code `no_syncs_found` when there is no
    /// such sync, and every failure of a call to Nango.
    pub async fn start(&self) -> Result<(), Error> {
        Ok(self.syncs.start(self.name.clone()).await?)
    }

    /// Keeps the sync from running at its interval. A run that is active goes on to its end, and the sync
    /// can still be triggered (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub async fn pause(&self) -> Result<(), Error> {
        Ok(self.syncs.pause(self.name.clone()).await?)
    }

    /// Returns the status; `None` when Nango does not have the sync.
    ///
    /// # Errors
    ///
    /// Every failure of a call to Nango.
    pub async fn status(&self) -> Result<Option<SyncStatus>, Error> {
        Ok(self.syncs.status(self.name.clone()).await?.pop())
    }

    /// Sets the interval, such as `every 5 minutes`; with `None` the one that the sync was deployed with.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let github = nango.connection(&user, "github").await?;
    /// let issues = github.sync("issues");
    /// issues.set_frequency(Some("every 5 minutes")).await?;
    /// issues.pause().await?;
    /// if let Some(status) = issues.status().await? {
    ///     println!("{:?}", status.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the interval cannot be read or is shorter
    /// than 30 s, or there is no such sync; and every failure of a call to Nango.
    pub async fn set_frequency(&self, interval: Option<&str>) -> Result<SyncFrequency, Error> {
        Ok(self.syncs.set_frequency(&self.name, interval).await?)
    }

    /// Lists the records of a model, as [`OwnedConnection::records`], of the variant that the name has.
    pub fn records<T: DeserializeOwned>(&self, model: impl Into<String>) -> ListRecords<'_, T> {
        self.connection.records(model).variant(self.name.variant_name())
    }
}

/// An action of a connection, with input `I` and output `O`. [`OwnedConnection::action`] creates it.
#[must_use = "nothing runs before `run` or `start`"]
pub struct OwnedAction<'a, I, O> {
    connection: &'a OwnedConnection,
    action: RunAction<'a>,
    shape: PhantomData<fn(&I) -> O>,
}

impl<I: Serialize, O: DeserializeOwned> OwnedAction<'_, I, O> {
    /// Sets the time after which [`run`](Self::run) waits no longer, in place of 16 minutes, which is as
    /// long as an action can take.
    pub fn deadline(mut self, span: Duration) -> Self {
        self.action = self.action.deadline(span);
        self
    }

    /// Sets the number of times that Nango runs the action again after a failure, 0 to 5: for
    /// [`start`](Self::start) only. None by default.
    pub fn retries(mut self, times: u32) -> Self {
        self.action = self.action.retries(times);
        self
    }

    /// Runs the action and waits for its outcome. It is sent once; dropping the future does not stop it.
    ///
    /// # Errors
    ///
    /// Those after which the action has not run: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when
    /// there is no such action or connection,
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the input cannot be written or
    /// retries are set, and every failure of a call to Nango. [`ErrorKind::Decode`](crate::ErrorKind::Decode)
    /// and [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) are of its output: it has run.
    pub async fn run(&self, input: &I) -> Result<ActionOutcome<O>, Error> {
        Ok(self.with(input).run().await?)
    }

    /// Queues the action, and does not wait for it. [`wait`](Self::wait) returns the outcome, and
    /// [`WebhookHandler::action_completed`](crate::WebhookHandler::action_completed) is notified once
    /// there is one.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run). [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) leaves open
    /// whether the action was queued, and it is not queued again.
    pub async fn start(&self, input: &I) -> Result<StartedAction, Error> {
        Ok(self.with(input).start().await?)
    }

    /// Waits for the outcome of an action that was started, at most this long.
    ///
    /// Nango does not say whose action an id belongs to. So this takes no id: one that an event names is read
    /// with [`OwnedConnection::action_result_of`], one that the app has kept with
    /// [`Client::action_result`](nango_client::Client::action_result), and one that a browser sends is not
    /// to be trusted.
    ///
    /// ```no_run
    /// # use nango_core::{ActionOutcome, Error, Nango, Owner};
    /// # use std::time::Duration;
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let github = nango.connection(&user, "github").await?;
    /// let export = github.action::<(), String>("export").deadline(Duration::from_secs(60)).retries(2);
    /// let started = export.start(&()).await?;
    /// if let ActionOutcome::Done(url) = export.wait(&started, Duration::from_secs(600)).await? {
    ///     println!("exported to {url}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the output is not an `O`, and every failure of a
    /// call to Nango that does not pass in time.
    pub async fn wait(&self, started: &StartedAction, limit: Duration) -> Result<ActionOutcome<O>, Error> {
        let client = &self.connection.engine().client;
        Ok(client.action_result(&*started.id).wait(limit).await?)
    }

    fn with(&self, input: &I) -> RunAction<'_> {
        self.action.clone().input(input)
    }
}

impl<I, O> Clone for OwnedAction<'_, I, O> {
    fn clone(&self) -> Self {
        Self { connection: self.connection, action: self.action.clone(), shape: PhantomData }
    }
}

impl<I, O> std::fmt::Debug for OwnedAction<'_, I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnedAction").field("action", &self.action).finish_non_exhaustive()
    }
}
