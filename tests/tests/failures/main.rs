//! What each failure says: the situation is made for real, and the whole text is asserted.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod background;
mod handlers;
mod requests;
mod setup;
mod webhooks;

use std::sync::{Arc, Mutex};

use nango_core::{BackgroundFailure, NangoBuilder};
use nango_tests::App;

/// The failures that an app's hook got.
#[derive(Clone, Default)]
struct Failures(Arc<Mutex<Vec<String>>>);

impl Failures {
    /// Starts an app whose failures are kept, configured further.
    async fn app(configure: impl FnOnce(NangoBuilder) -> NangoBuilder) -> (App, Self) {
        let failures = Self::default();
        let app = App::configured(|builder| configure(builder.on_failure(failures.hook()))).await;
        (app, failures)
    }

    fn hook(&self) -> impl Fn(&BackgroundFailure) + Send + Sync + 'static {
        let failures = self.clone();
        move |failure| {
            failures.0.lock().unwrap().push(format!("{}: {failure}", failure.kind()));
        }
    }

    /// Returns the texts since the last call, in which `HOST` stands for the emulator's address.
    fn take(&self, app: &App) -> Vec<String> {
        let host = app.emulator.local_url().split_once("://").unwrap().1;
        let texts = std::mem::take(&mut *self.0.lock().unwrap());
        texts.into_iter().map(|text| text.replace(host, "HOST")).collect()
    }
}
