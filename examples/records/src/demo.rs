//! A Nango for the demo, whose sync saves other records at each run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nango_client::{Client, ConnectionKey, Reset, SyncName, Syncs};
use nango_emulator::{Emulator, FunctionError, SyncRun};
use serde_json::{Value, json};

use crate::BoxError;
use crate::table::MODEL;

const SYNC: &str = "github-issues";
const CONNECTION: &str = "demo-1";
const PERIOD: Duration = Duration::from_secs(2);

pub struct Demo {
    emulator: Emulator,
    integration: String,
}

impl Demo {
    pub async fn start(webhook_url: &str, integration: &str) -> Result<Self, BoxError> {
        let emulator = Emulator::builder().integrations([integration]).webhook_url(webhook_url);
        let emulator = emulator.start().await?;
        emulator.import_many(integration, 1, "demo-{n}", &[])?;
        let runs = Arc::new(AtomicU32::new(0));
        let code = move |run: SyncRun| {
            let number = runs.fetch_add(1, Ordering::Relaxed);
            async move { save(&run, number) }
        };
        emulator.sync(integration, SYNC).model(MODEL).manual().run(code).deploy()?;
        Ok(Self { emulator, integration: integration.to_owned() })
    }

    pub fn client(&self) -> Result<Client, BoxError> {
        Ok(Client::new(self.emulator.local_url(), self.emulator.secret_key())?)
    }

    pub fn signing_key(&self) -> String {
        self.emulator.signing_key()
    }

    /// Runs the sync every two seconds. Each tenth run begins without records.
    pub async fn run(&self) -> Result<(), BoxError> {
        let key = ConnectionKey::new(self.integration.as_str(), CONNECTION);
        let syncs = self.client()?.syncs(&key);
        let (mut ticks, mut number) = (tokio::time::interval(PERIOD), 0_u32);
        loop {
            ticks.tick().await;
            number += 1;
            let trigger = syncs.trigger(Syncs::these([SyncName::new(SYNC)]));
            let trigger =
                if number.is_multiple_of(10) { trigger.reset(Reset::ClearRecords) } else { trigger };
            trigger.send().await?;
        }
    }
}

/// Opens three issues, closes the oldest of the last run, and deletes one of the run before. Each fifth run
/// fails after it has saved.
fn save(run: &SyncRun, number: u32) -> Result<(), FunctionError> {
    let issue = |number: u32, state: &str| -> Value {
        json!({ "id": number.to_string(), "title": format!("Issue {number}"), "state": state })
    };
    let first = number * 3;
    run.save(MODEL, (first..first + 3).map(|number| issue(number, "open")))?;
    run.save(MODEL, first.checked_sub(3).map(|number| issue(number, "closed")))?;
    run.delete(MODEL, first.checked_sub(5).map(|number| number.to_string()))?;
    if number % 5 == 4 { Err("GitHub hangs up".into()) } else { Ok(()) }
}
