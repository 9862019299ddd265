//! `POST /action/trigger`.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

use super::outcome::{ActionFailure, ActionOutcome, is_unknown_to_nango, may_have_run, output_in};
use crate::client::client::Client;
use crate::client::headers::connection_headers;
use crate::client::reply::{Reply, reply};
use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::transport::{Call, CallOptions, Endpoint, Failure};

static RUN: Endpoint =
    Endpoint::new(Method::POST, "/action/trigger", "run the action").of("the action, or the connection");

const ASYNC: HeaderName = HeaderName::from_static("x-async");
const MAX_RETRIES: HeaderName = HeaderName::from_static("x-max-retries");

/// The most retries that Nango takes.
const MOST_RETRIES: u32 = 5;

/// An action that is about to be run. [`Client::action`] creates it.
#[must_use = "nothing runs before `run` or `start`"]
#[derive(Clone)]
pub struct RunAction<'a> {
    client: &'a Client,
    key: ConnectionKey,
    name: String,
    input: Result<Option<Box<RawValue>>, Error>,
    deadline: Duration,
    retries: Option<u32>,
}

reply! {
    /// An action that Nango has queued.
    #[derive(Clone, PartialEq)]
    StartedAction {
        /// The id, for [`Client::action_result`].
        id: String,
        /// The path of the result.
        #[serde(rename = "statusUrl")]
        status_url: String,
    }
}

crate::__debug_only!(StartedAction { id });

impl Client {
    /// Runs an action of a connection's integration.
    ///
    /// Nango checks neither input nor output against the types that the action declares (observed on
    /// 0.71.4).
    ///
    /// ```no_run
    /// # use nango_client::{ActionOutcome, Client, ConnectionKey, Error};
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
    /// # async fn run(client: Client, github: ConnectionKey) -> Result<(), Error> {
    /// let action = client.action(&github, "create-issue").input(&NewIssue { title: "Crash" });
    /// match action.run::<Created>().await? {
    ///     ActionOutcome::Done(issue) => println!("#{}", issue.number),
    ///     ActionOutcome::Failed(failure) => println!("not created: {:?}", failure.kind),
    ///     ActionOutcome::Unknown(error) => println!("look before you try again: {error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn action(&self, key: &ConnectionKey, name: impl Into<String>) -> RunAction<'_> {
        RunAction {
            client: self,
            key: key.clone(),
            name: name.into(),
            input: Ok(None),
            deadline: RunAction::DEFAULT_DEADLINE,
            retries: None,
        }
    }
}

impl RunAction<'_> {
    /// 16 minutes: Nango starts an action within 30 s, and ends it after 15 minutes.
    pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(16 * 60);

    /// Sets the input.
    pub fn input(mut self, input: &impl Serialize) -> Self {
        let unwritable = |_| Error::invalid_request("the input of the action cannot be written as JSON");
        self.input = to_raw_value(input).map(Some).map_err(unwritable);
        self
    }

    /// Sets the time after which [`run`](Self::run) waits no longer, in place of the client's time-out; the
    /// [default](Self::DEFAULT_DEADLINE) is as long as an action can take. Servers in between, and
    /// [`HttpOptions::read_timeout`](crate::HttpOptions::read_timeout), may end the wait before: for long
    /// actions [`start`](Self::start) is the better way.
    pub fn deadline(mut self, span: Duration) -> Self {
        self.deadline = span;
        self
    }

    /// Sets the number of times that Nango runs the action again after a failure, 0 to 5: for
    /// [`start`](Self::start) only. None by default, since the action may have had a part of its effect.
    ///
    /// ```no_run
    /// # use nango_client::{ActionOutcome, Client, ConnectionKey, Error};
    /// # use std::time::Duration;
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let action = client.action(&key, "create-issue").input(&"Crash").deadline(Duration::from_secs(60));
    /// let outcome = action.run::<u64>().await?;
    ///
    /// // Queued, and run again by Nango if it fails: for an action that may run twice.
    /// let started = client.action(&key, "sync-labels").retries(3).start().await?;
    /// # let _ = (outcome, started);
    /// # Ok(())
    /// # }
    /// ```
    pub fn retries(mut self, times: u32) -> Self {
        self.retries = Some(times);
        self
    }

    /// Runs the action and waits for its outcome. It is sent once; dropping the future does not stop it.
    ///
    /// # Errors
    ///
    /// Those after which the action has not run: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such action or
    /// connection, [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the input cannot be written, or retries are set,
    /// and those of any call. [`ErrorKind::Decode`](crate::ErrorKind::Decode) and [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) are of its output: it
    /// has run.
    pub async fn run<T: DeserializeOwned>(&self) -> Result<ActionOutcome<T>, Error> {
        let call = self.client.transport.call(&RUN);
        if self.retries.is_some() {
            let reason = "Nango retries only actions that are started without waiting for them";
            return Err(call.named(Error::invalid_request(reason)));
        }
        let mut options = self.options(call)?;
        options.time_limit = Some(self.deadline);
        let failure = match self.send::<Box<RawValue>>(call, &options).await {
            Ok(output) => {
                return output_in(&output).map(ActionOutcome::Done).map_err(|error| call.named(error));
            }
            Err(failure) => failure,
        };
        match ActionFailure::read(failure) {
            Ok(failure) => Ok(ActionOutcome::Failed(failure)),
            Err(error) if is_unknown_to_nango(&error) || may_have_run(&error) => {
                Ok(ActionOutcome::Unknown(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Queues the action, to be run within 24 hours; those of an environment run one after the other
    /// (observed on 0.71.4). [`Client::action_result`] has its outcome, and a webhook says when it is
    /// there.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run). [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) leaves open whether the action was queued, and
    /// it is not queued again.
    pub async fn start(&self) -> Result<StartedAction, Error> {
        let call = self.client.transport.call(&RUN);
        let mut options = self.options(call)?;
        options.headers.insert(ASYNC, HeaderValue::from_static("true"));
        if let Some(times) = self.retries {
            if times > MOST_RETRIES {
                return Err(call.named(Error::invalid_request("an action is retried at most 5 times")));
            }
            options.headers.insert(MAX_RETRIES, times.into());
        }
        let Reply(started): Reply<StartedAction> = self.send(call, &options).await?;
        Ok(started)
    }

    fn options(&self, call: Call<'_>) -> Result<CallOptions, Error> {
        let headers = connection_headers(&self.key).map_err(|error| call.named(error))?;
        Ok(CallOptions { headers, ..CallOptions::default() })
    }

    async fn send<T: DeserializeOwned>(&self, call: Call<'_>, options: &CallOptions) -> Result<T, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            action_name: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            input: Option<&'a RawValue>,
        }
        let input = self.input.as_ref().map_err(|error| call.named(error.clone()))?;
        let body = Body { action_name: &self.name, input: input.as_deref() };
        call.submit_with(call.url(&["action", "trigger"])?, options, &body).await
    }
}

crate::__debug_only!(RunAction<'_> { key, name, deadline, retries });
