//! `GET /action/{id}`.

use std::time::Duration;

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::outcome::{ActionFailure, ActionOutcome, is_unknown_to_nango, output_in};
use crate::client::client::Client;
use crate::client::pace::Pace;
use crate::error::{Error, ErrorKind};
use crate::transport::Endpoint;

static RESULT: Endpoint =
    Endpoint::new(Method::GET, "/action/{id}", "read the result of an action").of("a result of the action");

/// The result of an asynchronous action. [`Client::action_result`] creates it.
#[must_use = "nothing is requested before `get` or `wait`"]
#[derive(Clone)]
pub struct ActionResult<'a> {
    client: &'a Client,
    /// An error if an event names none.
    id: Result<String, Error>,
    has_ended: bool,
}

impl Client {
    /// Reads the outcome of an action that was [started](crate::RunAction::start), by its id.
    ///
    /// Nango keeps results for some days. It answers 404 while an action waits or runs, between its
    /// retries, for an unknown id, and for ever for an action without output (observed on 0.71.4): all of
    /// these are [`Unknown`](ActionOutcome::Unknown), until the webhook says that it
    /// [has ended](ActionResult::has_ended).
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// # async fn run(client: Client, github: ConnectionKey) -> Result<(), Error> {
    /// let started = client.action(&github, "export").start().await?;
    /// let outcome = client.action_result(&*started.id).wait::<String>(Duration::from_secs(60)).await?;
    /// # let _ = outcome;
    /// # Ok(())
    /// # }
    /// ```
    pub fn action_result(&self, id: impl Into<String>) -> ActionResult<'_> {
        ActionResult { client: self, id: Ok(id.into()), has_ended: false }
    }
}

impl<'a> ActionResult<'a> {
    /// Takes the action that an event names.
    pub(crate) fn of_ended(client: &'a Client, id: Option<String>) -> Self {
        let id = id.ok_or_else(|| Error::invalid_request("the event does not name the action"));
        Self { client, id, has_ended: true }
    }

    /// States that the action has ended, because its webhook has arrived. Nango then has no result only if
    /// there was no output, which is read as `null`.
    pub fn has_ended(mut self) -> Self {
        self.has_ended = true;
        self
    }

    /// Requests the outcome.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when the output does not have the requested shape, [`ErrorKind::Refused`] when
    /// the id is not one of an action, and those of any call. Reading again is safe.
    pub async fn get<T: DeserializeOwned>(&self) -> Result<ActionOutcome<T>, Error> {
        let call = self.client.transport.call(&RESULT);
        let id = self.id.as_ref().map_err(|error| call.named(error.clone()))?;
        let read = |output: &RawValue| output_in(output).map(ActionOutcome::Done);
        let failure = match call.send::<Box<RawValue>>(call.url(&["action", id])?).await {
            Ok(output) => return read(&output).map_err(|error| call.named(error)),
            Err(failure) => failure,
        };
        match ActionFailure::read(failure) {
            Ok(failure) => Ok(ActionOutcome::Failed(failure)),
            Err(error) if error.kind() == ErrorKind::NotFound && self.has_ended => {
                read(RawValue::NULL).map_err(|error| call.named(error))
            }
            Err(error) if error.kind() == ErrorKind::NotFound || is_unknown_to_nango(&error) => {
                Ok(ActionOutcome::Unknown(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Requests the outcome until it is known, at first twice a second and then more slowly, and for at
    /// most `limit`; after it, it is [`Unknown`](ActionOutcome::Unknown). That of an action without output
    /// stays so, unless it [has ended](Self::has_ended). Dropping the future ends the wait.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get). Failures that may pass do not end the wait before the time is over.
    pub async fn wait<T: DeserializeOwned>(&self, limit: Duration) -> Result<ActionOutcome<T>, Error> {
        let mut pace = Pace::new(limit);
        loop {
            let outcome = self.get().await;
            let asked = match &outcome {
                Ok(ActionOutcome::Unknown(_)) => None,
                Err(error) if error.is_retryable() => error.retry_after(),
                _ => return outcome,
            };
            if !pace.pause(asked).await {
                return outcome;
            }
        }
    }
}

crate::__debug_only!(ActionResult<'_> { has_ended });
