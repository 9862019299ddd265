//! Results of actions of which an event says that they have ended.

use nango_client::{ActionResult, AsyncActionEvent};

use super::owned::OwnedConnection;
use crate::error::{Error, ErrorKind};

impl OwnedConnection {
    /// Reads the outcome of the action of this connection that an event is about. The event says neither
    /// which action it was nor whether it succeeded.
    ///
    /// After the event, an action of which Nango has no result has ended without output, which is read as
    /// `null` (observed on 0.71.4). Nango keeps results for some days: of an event that is older, the output
    /// reads as `null`, too.
    ///
    /// ```no_run
    /// # use nango_core::{ActionOutcome, AsyncActionEvent, BoxError, Nango};
    /// # async fn run(nango: Nango, event: AsyncActionEvent) -> Result<(), BoxError> {
    /// let github = nango.connection_of(&event).await?;
    /// match github.action_result_of(&event)?.get::<Option<u64>>().await? {
    ///     ActionOutcome::Done(number) => println!("done: {number:?}"),
    ///     ActionOutcome::Failed(failure) => println!("failed: {:?}", failure.kind),
    ///     ActionOutcome::Unknown(error) => println!("read it again later: {error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the event is about another connection, whose outcome may be another
    /// owner's.
    pub fn action_result_of(&self, event: &AsyncActionEvent) -> Result<ActionResult<'_>, Error> {
        if event.connection != *self.key() {
            let reason = "the event is about an action of another connection";
            return Err(Error::because(ErrorKind::InvalidRequest, reason));
        }
        Ok(self.engine().client.action_result_of(event))
    }
}
