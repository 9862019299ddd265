//! Names of steps, for the recorder.

use std::error::Error;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

pub(crate) struct Steps {
    http: reqwest::Client,
    url: String,
}

impl Steps {
    pub(crate) fn new(recorder: &str) -> Self {
        Self { http: reqwest::Client::new(), url: format!("{recorder}/_step") }
    }

    /// Begins a step: the requests that follow are its own.
    pub(crate) async fn begin(&self, name: &str) -> Outcome<()> {
        self.http.put(&self.url).body(name.to_owned()).send().await?.error_for_status()?;
        Ok(())
    }
}

/// Passes if a call was refused with this code.
pub(crate) fn refused<T>(result: Result<T, nango_client::Error>, code: &str) -> Outcome<()> {
    match result {
        Err(error) if error.code() == Some(code) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(format!("a call was not refused with {code}").into()),
    }
}
