//! One test per rule of Nango about syncs, records, actions and functions.

mod actions;
mod control;
mod cursors;
mod deployments;
mod records;
mod status;
mod variants;
mod webhooks;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_emulator::{Emulator, FunctionError, SyncRun};
use reqwest::Method;
use serde_json::{Value, json};

use super::import;
use crate::support::{call, http};

type Job = Arc<dyn Fn(&SyncRun) -> Result<(), FunctionError> + Send + Sync>;

/// An emulator with the connection `c` of `openai` and the sync `contacts`, whose runs do what a test
/// says.
pub(super) struct Bench {
    pub(super) nango: Emulator,
    job: Arc<Mutex<Job>>,
}

impl Bench {
    /// Starts with a sync that has not run.
    pub(super) async fn start(models: &[&str]) -> Self {
        let builder = Emulator::builder().webhook_url("http://127.0.0.1:9/hook");
        Self::of(builder.start().await.unwrap(), models).await
    }

    pub(super) async fn of(nango: Emulator, models: &[&str]) -> Self {
        let idle: Job = Arc::new(|_| Ok(()));
        let job = Arc::new(Mutex::new(idle));
        let jobs = job.clone();
        let sync = nango.sync("openai", "contacts").manual().run(move |run: SyncRun| {
            let job = jobs.lock().unwrap().clone();
            async move { job(&run) }
        });
        models.iter().fold(sync, |sync, model| sync.model(*model)).deploy().unwrap();
        import(&nango, "c").await;
        Self { nango, job }
    }

    pub(super) fn set(&self, job: impl Fn(&SyncRun) -> Result<(), FunctionError> + Send + Sync + 'static) {
        *self.job.lock().unwrap() = Arc::new(job);
    }

    /// Runs the sync once. Returns its webhooks.
    pub(super) async fn run(
        &self,
        job: impl Fn(&SyncRun) -> Result<(), FunctionError> + Send + Sync + 'static,
    ) -> Vec<Value> {
        self.set(job);
        self.trigger(json!({})).await
    }

    /// Triggers a run with these options and waits for its end. Returns its webhooks.
    pub(super) async fn trigger(&self, with: Value) -> Vec<Value> {
        let before = self.nango.deliveries().len();
        let mut body =
            json!({ "syncs": ["contacts"], "provider_config_key": "openai", "connection_id": "c" });
        body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        let said = call(&self.nango, Method::POST, "/sync/trigger", Some(body)).await;
        assert_eq!(said, (200, json!({ "success": true })));
        settle(&self.nango).await;
        self.sent().split_off(before)
    }

    /// Returns all webhooks about syncs and actions.
    pub(super) fn sent(&self) -> Vec<Value> {
        sent(&self.nango)
    }

    /// Saves these records in one run. Returns its webhooks.
    pub(super) async fn save(&self, records: Value) -> Vec<Value> {
        let records = records.as_array().unwrap().clone();
        self.run(move |run| run.save("Contact", records.clone())).await
    }

    /// Returns the reply to `GET /records` for the model `Contact`.
    pub(super) async fn list(&self, query: &str) -> Value {
        let (status, body) = self.list_of("c", &format!("model=Contact&{query}")).await;
        assert_eq!(status, 200, "{query}: {body}");
        body
    }

    pub(super) async fn list_of(&self, connection: &str, query: &str) -> (u16, Value) {
        let answer = http()
            .get(format!("{}/records?{query}", self.nango.local_url()))
            .header("authorization", format!("Bearer {}", self.nango.secret_key()))
            .header("provider-config-key", "openai")
            .header("connection-id", connection)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    /// Returns the ids in a list.
    pub(super) async fn ids(&self, query: &str) -> Vec<String> {
        ids(&self.list(query).await)
    }

    /// Returns the status of the sync.
    pub(super) async fn status(&self) -> Value {
        let path = "/sync/status?syncs=contacts&provider_config_key=openai&connection_id=c";
        call(&self.nango, Method::GET, path, None).await.1["syncs"][0].clone()
    }
}

pub(super) fn ids(list: &Value) -> Vec<String> {
    let records = list["records"].as_array().unwrap();
    records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn sent(nango: &Emulator) -> Vec<Value> {
    nango.deliveries().iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

pub(super) async fn settle(nango: &Emulator) {
    assert!(nango.wait_for_runs(Duration::from_secs(10)).await, "runs do not end");
}

pub(super) fn contact(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name })
}

/// Calls with a body and returns status and JSON.
pub(super) async fn post(nango: &Emulator, path: &str, body: Value) -> (u16, Value) {
    call(nango, Method::POST, path, Some(body)).await
}
