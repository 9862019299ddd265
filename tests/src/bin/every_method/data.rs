//! Syncs, their records, and actions.

use nango_client::{ActionOutcome, Cursor, RecordFilter, Reset, SyncName, Syncs};
use serde_json::{Value, json};

use crate::context::Context;
use crate::steps::Outcome;

/// That of the scenario: a position at which there is no record.
const CURSOR: &str =
    "MjAyNi0wMS0wMlQwMzowNDowNS42Nzg5MDErMDA6MDB8fDAxOThjMGRlLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA==";

pub(crate) async fn syncs(Context { client, steps, main, .. }: &Context) -> Outcome<()> {
    let syncs = client.syncs(main);
    let everywhere = client.syncs_of_all_connections(main.integration());
    let variant = SyncName::new("contacts").variant("mine");
    let contacts = Syncs::these(["contacts"]);
    let both = Syncs::these(["contacts", "contacts::mine"]);
    steps.begin("createSyncVariant").await?;
    syncs.create_variant(&variant).await?;
    steps.begin("triggerSync").await?;
    syncs.trigger(both.clone()).send().await?;
    steps.begin("triggerSync, with a reset").await?;
    syncs.trigger(contacts.clone()).reset(Reset::ClearRecords).send().await?;
    steps.begin("triggerSync, of all, everywhere").await?;
    everywhere.trigger(Syncs::All).send().await?;
    steps.begin("startSync").await?;
    syncs.start(contacts.clone()).await?;
    steps.begin("pauseSync").await?;
    everywhere.pause(contacts).await?;
    steps.begin("syncStatus").await?;
    syncs.status(both).await?;
    steps.begin("syncStatus, of all, everywhere").await?;
    everywhere.status(Syncs::All).await?;
    steps.begin("updateSyncConnectionFrequency").await?;
    syncs.set_frequency(&variant, Some("every half day")).await?;
    steps.begin("updateSyncConnectionFrequency, back to the first").await?;
    syncs.set_frequency(&SyncName::new("contacts"), None).await?;
    steps.begin("deleteSyncVariant").await?;
    syncs.delete_variant(&variant).await?;
    Ok(())
}

pub(crate) async fn records(Context { client, steps, main, .. }: &Context) -> Outcome<()> {
    let cursor = Cursor::from(CURSOR);
    steps.begin("listRecords").await?;
    let list = client.records::<Value>(main, "Contact").variant("base").after(cursor.clone());
    let list = list.modified_after("2026-01-02T03:04:05.678Z".parse()?).filter(RecordFilter::Added);
    let _ = list.ids(["1", "2"]).limit(5).send().await?;
    steps.begin("listRecords, without options").await?;
    let found = client.records::<Value>(main, "Contact").send().await?;
    if found.into_iter().next().is_none() {
        return Err("the sync has saved no record".into());
    }
    steps.begin("pruneRecords").await?;
    client.prune_records(main, "Contact", &cursor).variant("base").limit(10).send().await?;
    Ok(())
}

pub(crate) async fn actions(Context { client, steps, main, .. }: &Context) -> Outcome<()> {
    let action = client.action(main, "greet").input(&json!({ "name": "Zoë" }));
    steps.begin("triggerAction").await?;
    action.run::<Value>().await?.output()?;
    steps.begin("triggerAction, without input").await?;
    client.action(main, "greet").run::<Value>().await?.output()?;
    steps.begin("triggerActionAsync").await?;
    let started = action.start().await?;
    steps.begin("getAsyncActionResult").await?;
    match client.action_result(started.id).get::<Value>().await? {
        ActionOutcome::Done(output) if output == json!({ "text": "hello" }) => Ok(()),
        other => Err(format!("the action has ended otherwise: {other:?}").into()),
    }
}
