//! Functions as code of the test. It lives as long as the emulator and is never stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::run::SyncRun;
use crate::lock::lock;
use crate::model::functions::FunctionError;

/// What an action returns. `Null` is no output.
pub(crate) type ActionOutcome = Result<Value, FunctionError>;

pub(crate) type ActionCode = Arc<dyn Fn(ActionCall) -> BoxFuture<'static, ActionOutcome> + Send + Sync>;

pub(crate) type SyncCode =
    Arc<dyn Fn(SyncRun) -> BoxFuture<'static, Result<(), FunctionError>> + Send + Sync>;

/// One call of an action. `Debug` omits the input and the connection id.
#[derive(Clone)]
#[non_exhaustive]
pub struct ActionCall {
    /// Counts from 1. Only asynchronous actions are retried.
    pub attempt: u32,
    /// Connection id of the call.
    pub connection_id: String,
    /// Input as it was sent; `Null` if the call has none. Nango does not validate it.
    pub input: Value,
    /// Integration of the connection.
    pub integration: String,
}

debug_only!(ActionCall { attempt, integration });

/// Code of functions, by integration and name.
#[derive(Default)]
pub(crate) struct Code(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    actions: HashMap<(String, String), ActionCode>,
    syncs: HashMap<(String, String), SyncCode>,
    on_webhook: HashMap<(String, String), SyncCode>,
}

fn key(integration: &str, name: &str) -> (String, String) {
    (integration.to_owned(), name.to_owned())
}

impl Code {
    pub(crate) fn set_action(&self, integration: &str, name: &str, code: ActionCode) {
        lock(&self.0).actions.insert(key(integration, name), code);
    }

    /// Sets what a sync does at its runs, and at webhooks of the provider.
    pub(crate) fn set_sync(
        &self,
        integration: &str,
        name: &str,
        run: Option<SyncCode>,
        on_webhook: Option<SyncCode>,
    ) {
        let mut tables = lock(&self.0);
        for (table, code) in [(0, run), (1, on_webhook)] {
            let table = if table == 0 { &mut tables.syncs } else { &mut tables.on_webhook };
            match code {
                Some(code) => table.insert(key(integration, name), code),
                None => table.remove(&key(integration, name)),
            };
        }
    }

    pub(crate) fn action(&self, integration: &str, name: &str) -> Option<ActionCode> {
        lock(&self.0).actions.get(&key(integration, name)).cloned()
    }

    pub(crate) fn sync(&self, integration: &str, name: &str) -> Option<SyncCode> {
        lock(&self.0).syncs.get(&key(integration, name)).cloned()
    }

    pub(crate) fn on_webhook(&self, integration: &str, name: &str) -> Option<SyncCode> {
        lock(&self.0).on_webhook.get(&key(integration, name)).cloned()
    }

    pub(crate) fn clear(&self) {
        *lock(&self.0) = Tables::default();
    }
}
