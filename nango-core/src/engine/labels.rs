//! Labels: asking the provider for the name of a connection's account, after a look.

use super::engine::{Engine, Labeller};
use super::notify::call_app;
use crate::error::Error;
use crate::record::Record;
use crate::report::{BackgroundFailure, HandlerError};

impl Engine {
    /// Begins to ask for the label of a connection, if it is due. No caller waits for it.
    pub(super) fn ask_for_label(&self, row: Option<&Record>) {
        let is_due = |row: &&Record| {
            let state = row.state();
            let is_by_app = state.label.as_ref().is_some_and(|label| label.is_by_app);
            !row.removed && row.owner.is_some() && !state.labelling.is_done && !is_by_app
        };
        let Some(row) = row.filter(is_due) else { return };
        if self.labeller.is_none() {
            return;
        }
        let Some(question) = self.labels.begin(&row.key) else { return };
        let (engine, row, flight) = (self.clone(), row.clone(), self.in_flight.begin());
        tokio::spawn(async move {
            let integration = row.key.integration().to_owned();
            if let Err(error) = engine.ask(&row).await {
                // Nothing is lost: the row says still that the label is due.
                engine.reporter.report(BackgroundFailure::Label {
                    integration,
                    error: HandlerError::failed(error.into()),
                });
            }
            drop(question);
            drop(flight);
        });
    }

    async fn ask(&self, row: &Record) -> Result<(), Error> {
        let Some(labeller) = &self.labeller else { return Ok(()) };
        let is_overloaded = self.labels.is_overloaded() || self.client.is_near_rate_limit();
        let label = if is_overloaded { None } else { self.ask_now(labeller.as_ref(), row).await };
        let incarnation = row.state().incarnation;
        let update = self.update(&row.key, Some(row.clone()), |row| {
            let row = row.filter(|row| !row.removed && row.state().incarnation == incarnation)?;
            Some(match &label {
                Some(label) => self.context().labelled(row, label.as_deref()),
                None => self.context().not_labelled(row),
            })
        });
        update.await.map(drop)
    }

    /// Asks for a label, and reports a failure; `None` after one.
    async fn ask_now(&self, labeller: &dyn Labeller, row: &Record) -> Option<Option<String>> {
        let _turn = self.labels.take().await;
        let error = match call_app(labeller.label(self, row)).await {
            Ok(label) => return Some(label),
            Err(error) => error,
        };
        let integration = row.key.integration().to_owned();
        self.reporter.report(BackgroundFailure::Label { integration, error });
        None
    }
}
