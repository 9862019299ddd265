//! Ends of actions.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::lenient::Lenient;
use crate::client::{ActionResult, Client};
use crate::connection::ConnectionKey;

/// An action that was [started](crate::RunAction::start) has ended, after its last retry.
///
/// The event says neither which action it was nor whether it succeeded:
/// [`Client::action_result_of`] gets the result.
#[derive(Clone)]
#[non_exhaustive]
pub struct AsyncActionEvent {
    /// The connection.
    pub connection: ConnectionKey,
    /// The id that [`StartedAction`](crate::StartedAction) has, too.
    pub action_id: Option<String>,
    /// The path of the result.
    pub status_url: Option<String>,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

crate::__debug_only!(AsyncActionEvent { connection });

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    payload: Lenient<Map<String, Value>>,
}

impl AsyncActionEvent {
    pub(super) fn read(connection: ConnectionKey, body: &Bytes) -> Option<Self> {
        let Fields { payload } = serde_json::from_slice(body).ok()?;
        let text = |name| Some(payload.0.as_ref()?.get(name)?.as_str()?.to_owned());
        let (action_id, status_url) = (text("id"), text("statusUrl"));
        Some(Self { connection, action_id, status_url, body: body.clone() })
    }
}

impl Client {
    /// Reads the outcome of the action that an event is about, as
    /// [`action_result`](Self::action_result) does for an action that
    /// [has ended](ActionResult::has_ended): after the event, 404 means that the action ended without
    /// output, which is read as `null` (observed on 0.71.4).
    ///
    /// Nango keeps results for some days. Of an event that is older, the output reads as `null`, too.
    ///
    /// ```no_run
    /// # use nango_client::{ActionOutcome, AsyncActionEvent, Client, Error};
    /// # async fn run(client: Client, event: AsyncActionEvent) -> Result<(), Error> {
    /// match client.action_result_of(&event).get::<Option<String>>().await? {
    ///     ActionOutcome::Done(output) => println!("done, with output: {}", output.is_some()),
    ///     ActionOutcome::Failed(failure) => println!("failed: {:?}", failure.kind),
    ///     ActionOutcome::Unknown(error) => println!("read it again later: {error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ActionResult::get`], which also fails with
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the event names no action.
    pub fn action_result_of(&self, event: &AsyncActionEvent) -> ActionResult<'_> {
        ActionResult::of_ended(self, event.action_id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Delivery;
    use super::*;

    #[test]
    fn an_event_names_the_action_where_it_can_be_read() {
        let action = |payload: &str| {
            let text = format!(
                r#"{{"connectionId":"c","from":"nango","payload":{payload},"providerConfigKey":"p","type":"async_action"}}"#
            );
            let Delivery::AsyncAction(event) = Delivery::read(&Bytes::from(text)) else {
                panic!("{payload}")
            };
            (event.action_id, event.status_url)
        };
        let (id, url) = (Some("7".to_owned()), Some("/action/7".to_owned()));
        assert_eq!(action(r#"{"id":"7","statusUrl":"/action/7"}"#), (id.clone(), url.clone()));
        assert_eq!(action(r#"{"id":"7","statusUrl":null}"#), (id, None));
        assert_eq!(action(r#"{"id":7,"statusUrl":"/action/7"}"#), (None, url));
        for odd in ["{}", r#"["7"]"#, "7", "null"] {
            assert_eq!(action(odd), (None, None), "{odd}");
        }
    }
}
