//! Labels: asking the provider for the name of a connection's account, after a look.

use super::engine::{Engine, Labeller};
use super::notify::call_app;
use crate::error::Error;
use crate::record::Record;
use crate::report::{BackgroundFailure, HandlerError};

/// The outcome of a question.
enum Answer {
    Failed,
    Label(Option<String>),
    /// It was not asked.
    Postponed,
}

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
            let asked = engine.ask(&row).await;
            drop(question);
            match asked {
                // Due only if the account may have changed meanwhile.
                Ok(Some(newer)) if newer.is_of_other_account(&row) => engine.ask_for_label(Some(&newer)),
                Ok(_) => {}
                // Nothing is lost: the row says still that the label is due.
                Err(error) => engine.reporter.report(BackgroundFailure::Label {
                    integration,
                    error: HandlerError::failed(error.into()),
                }),
            }
            drop(flight);
        });
    }

    /// Asks for a label and writes the answer, unless the account may have changed meanwhile. Returns the
    /// row as it is then.
    async fn ask(&self, asked: &Record) -> Result<Option<Record>, Error> {
        let Some(labeller) = &self.labeller else { return Ok(None) };
        let is_overloaded = self.labels.is_overloaded() || self.client.is_near_rate_limit();
        let answer =
            if is_overloaded { Answer::Postponed } else { self.ask_now(labeller.as_ref(), asked).await };
        let update = self.update(&asked.key, Some(asked.clone()), |row| {
            // rule: other-account
            let row = row.filter(|row| !row.removed && !row.is_of_other_account(asked))?;
            Some(match &answer {
                Answer::Label(label) => self.context().labelled(row, label.as_deref()),
                Answer::Failed => self.context().not_labelled(row),
                Answer::Postponed => self.context().label_postponed(row),
            })
        });
        Ok(update.await?.into_row())
    }

    /// Asks for a label, and reports a failure.
    async fn ask_now(&self, labeller: &dyn Labeller, row: &Record) -> Answer {
        let _turn = self.labels.take().await;
        let error = match call_app(labeller.label(self, row)).await {
            Ok(label) => return Answer::Label(label),
            Err(error) => error,
        };
        let integration = row.key.integration().to_owned();
        self.reporter.report(BackgroundFailure::Label { integration, error });
        Answer::Failed
    }
}
