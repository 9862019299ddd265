//! The fields of events, from Nango's side to the handler of the app.

use std::time::Duration;

use nango_core::{
    AsyncActionEvent, BoxError, ErrorKind, Nango, NangoBuilder, OwnedConnection, Received, SyncEvent,
    SyncFailureCause, SyncRunKind, WebhookHandler, async_trait,
};
use nango_emulator::{FunctionError, SyncRun};
use nango_tests::App;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Sends each event on.
struct Forwarder {
    actions: UnboundedSender<AsyncActionEvent>,
    syncs: UnboundedSender<SyncEvent>,
}

#[async_trait]
impl WebhookHandler for Forwarder {
    async fn sync_completed(&self, _: &Nango, event: Received<SyncEvent>) -> Result<(), BoxError> {
        Ok(self.syncs.send(event.event)?)
    }

    async fn action_completed(&self, _: &Nango, event: Received<AsyncActionEvent>) -> Result<(), BoxError> {
        Ok(self.actions.send(event.event)?)
    }
}

struct Bench {
    app: App,
    alice: OwnedConnection,
    actions: UnboundedReceiver<AsyncActionEvent>,
    syncs: UnboundedReceiver<SyncEvent>,
}

impl Bench {
    async fn start() -> Self {
        let (action_sender, actions) = unbounded_channel();
        let (sync_sender, syncs) = unbounded_channel();
        let forwarder = Forwarder { actions: action_sender, syncs: sync_sender };
        let app = App::configured(|builder: NangoBuilder| builder.handler(forwarder)).await;
        let alice = app.connect("alice", "sk-1").await;
        Self { app, alice, actions, syncs }
    }

    /// Waits for the runs and for the handler.
    async fn settled(&self) {
        assert!(self.app.emulator.wait_for_runs(Duration::from_secs(10)).await);
        self.app.settled().await;
    }

    /// Runs a sync with this code, and returns its event.
    async fn run<F>(&mut self, code: F) -> SyncEvent
    where
        F: Fn(&SyncRun) -> Result<(), FunctionError> + Clone + Send + Sync + 'static,
    {
        let run = move |run: SyncRun| {
            let code = code.clone();
            async move { code(&run) }
        };
        self.app.emulator.sync("openai", "issues").model("Issue").manual().run(run).deploy().unwrap();
        self.app.emulator.trigger_sync("openai", self.alice.key().connection_id(), "issues").unwrap();
        self.settled().await;
        self.syncs.try_recv().unwrap()
    }

    /// Runs an action without waiting for it, and returns its event.
    async fn action(&mut self, name: &str) -> AsyncActionEvent {
        self.alice.action::<(), ()>(name).start(&()).await.unwrap();
        self.settled().await;
        self.actions.try_recv().unwrap()
    }
}

#[tokio::test]
async fn an_event_of_a_sync_has_what_the_run_reports() {
    let mut bench = Bench::start().await;
    let saving = |run: &SyncRun| {
        run.save_checkpoint(&json!({"page": 2}))?;
        run.save("Issue", [json!({"id": "1"}), json!({"id": "2"})])
    };
    let event = bench.run(saving).await;
    assert_eq!((event.name.as_deref(), event.variant.as_deref()), (Some("issues"), Some("base")));
    assert_eq!((event.success, event.kind.clone()), (true, Some(SyncRunKind::Initial)));
    let counts = event.counts.as_ref().unwrap();
    assert_eq!((counts.added, counts.updated, counts.deleted), (2, 0, 0));
    assert_eq!(event.checkpoints().unwrap().to.unwrap()["page"], 2);
    let start = event.modified_after.unwrap();
    assert_eq!((event.query_timestamp, event.started_at, event.failed_at), (Some(start), None, None));
    assert_eq!(event.failure(), None);

    let thrown = bench.run(|_| Err(FunctionError::thrown("TypeError", "boom"))).await;
    assert_eq!((thrown.success, thrown.kind.clone()), (false, Some(SyncRunKind::Incremental)));
    assert_eq!((thrown.models().collect::<Vec<_>>(), thrown.started_at), (vec!["Issue"], Some(start)));
    assert!(thrown.failed_at > Some(start) && thrown.counts.is_none());
    let SyncFailureCause::Thrown(error) = thrown.failure().unwrap().cause else { panic!("{thrown:?}") };
    assert_eq!((error.name.as_deref(), error.message.as_deref()), (Some("TypeError"), Some("boom")));

    let refused = bench.run(|_| Err(FunctionError::http(429, json!({"message": "slow down"})))).await;
    let cause = refused.failure().unwrap().cause;
    let SyncFailureCause::Http { reply, .. } = cause else { panic!("{cause:?}") };
    assert_eq!((reply.status, reply.body), (429, Some(json!({"message": "slow down"}))));
}

#[tokio::test]
async fn an_event_of_an_action_leads_to_its_result_through_its_connection() {
    let mut bench = Bench::start().await;
    let bob = bench.app.connect("bob", "sk-2").await;
    bench.app.emulator.action("openai", "nothing", |_| async { Ok(json!(null)) }).unwrap();
    let refuse = |_| async { Err(FunctionError::action(json!({"missing": "title"}))) };
    bench.app.emulator.action("openai", "refuse", refuse).unwrap();

    let ended = bench.action("nothing").await;
    let result = bench.alice.action_result_of(&ended).unwrap();
    result.get::<()>().await.unwrap().output().unwrap();
    let other = bob.action_result_of(&ended).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidRequest);

    let failed = bench.action("refuse").await;
    let outcome = bench.alice.action_result_of(&failed).unwrap().get::<()>().await.unwrap();
    let failure = outcome.output().unwrap_err();
    assert_eq!(failure.kind(), nango_client::ErrorKind::ScriptFailed);
}
