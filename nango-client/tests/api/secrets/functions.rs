//! Texts of records, syncs and actions.

use std::time::Duration;

use nango_client::{
    ActionOutcome, Client, Cursor, RecordData, RecordFilter, Reset, RunAction, StartedAction, SyncName,
    Syncs, Timestamp, Waited,
};
use serde_json::{Value, json};

use super::{EMAIL, ID, PASSWORD, Shown, TOKEN, key};
use crate::canned::{Answer, Canned};

fn ok(body: &Value) -> Answer {
    Some((200, body.to_string()))
}

/// Returns a record with secrets in every place, and one that is no longer there.
fn records() -> Answer {
    let record = |deleted: Option<&str>| {
        json!({
            "id": EMAIL, "name": PASSWORD,
            "_nango_metadata": {
                "first_seen_at": "2026-11-28T01:04:52+00:00", "last_modified_at": "2026-11-28T01:04:52+00:00",
                "last_action": format!("BY {EMAIL}"), "deleted_at": deleted, "pruned_at": null, "cursor": TOKEN,
                "note": PASSWORD,
            },
        })
    };
    let rows = [record(None), record(Some("2026-11-28T01:04:52+00:00"))];
    ok(&json!({"records": rows, "next_cursor": null}))
}

fn status() -> Answer {
    ok(&json!({"syncs": [{
        "id": TOKEN, "connection_id": ID, "name": "issues", "variant": "base", "status": format!("by {EMAIL}"),
        "finishedAt": "2026-11-28T01:04:52.000Z", "nextScheduledSyncAt": null, "frequency": TOKEN,
        "latestResult": {"Issue": {"added": 1, "updated": 1, "note": PASSWORD}}, "latestExecutionStatus": EMAIL,
        "recordCount": {"Issue": 7}, "checkpoint": {"cursor": TOKEN}, "note": PASSWORD,
    }]}))
}

pub(super) async fn show(shown: &mut Shown) {
    show_records(shown).await;
    show_syncs(shown).await;
    show_actions(shown).await;
}

async fn show_records(shown: &mut Shown) {
    let pruned = json!({"count": 1, "has_more": false, "note": PASSWORD});
    let (client, _) = Canned::new([records(), records(), ok(&pruned)]);
    let list = || client.records::<Value>(&key(), "Issue");
    shown.debug(&RecordFilter::Live);
    shown.debug(&Cursor::new(TOKEN));
    shown.debug(&list().ids([EMAIL]).after(Cursor::new(TOKEN)).variant("v1").filter(RecordFilter::Added));
    let page = list().send().await.unwrap();
    shown.debug(&page);
    shown.debug(&page.records[0].data);
    shown.debug(&page.records[0].metadata);
    shown.debug(&page.records[0].metadata.last_action);
    shown.debug(&page.records[0]);
    let unreadable = client.records::<u8>(&key(), "Issue").send().await.unwrap();
    if let RecordData::Unreadable(row) = &unreadable.records[0].data {
        shown.debug(row);
    }
    shown.debug(&list().pages());
    shown.debug(&list().stream());
    let mut reader = list().after(Cursor::new(TOKEN)).reader();
    reader.mark_as_known(EMAIL, Timestamp::now());
    shown.debug(&reader);
    let (other, _) = Canned::new([records()]);
    let mut all = other.records::<Value>(&key(), "Issue").read_all();
    while all.next_page().await.unwrap().is_some() {}
    shown.debug(&all);
    shown.debug(&all.into_comparison().unwrap());
    let prune = client.prune_records(&key(), "Issue", &Cursor::new(TOKEN));
    shown.debug(&prune);
    shown.debug(&prune.send().await.unwrap());
}

async fn show_syncs(shown: &mut Shown) {
    let (client, _) = Canned::new([
        status(),
        ok(&json!({"frequency": TOKEN, "note": PASSWORD})),
        ok(&json!({"id": TOKEN, "name": "issues", "variant": "v1", "note": PASSWORD})),
        status(),
        ok(&json!({"success": true})),
    ]);
    let syncs = client.syncs(&key());
    shown.debug(&syncs);
    shown.debug(&Syncs::these(["issues"]));
    shown.debug(&SyncName::new("issues"));
    shown.debug(&Reset::ClearRecords);
    let found = syncs.status(Syncs::All).await.unwrap();
    shown.debug(&found[0]);
    shown.debug(&found[0].status);
    shown.debug(found[0].latest_execution.as_ref().unwrap());
    shown.debug(&found[0].latest_result["Issue"]);
    shown.debug(&syncs.set_frequency(&"issues".into(), None).await.unwrap());
    shown.debug(&syncs.create_variant(&"issues::v1".into()).await.unwrap());
    let trigger = syncs.trigger("issues");
    shown.debug(&trigger);
    shown.debug(&trigger.run(Duration::ZERO).await.unwrap());
    shown.debug(&Waited::Done(found));
}

async fn show_actions(shown: &mut Shown) {
    let refusal = |code: &str| {
        let reply = json!({"status": 500, "headers": {"x": TOKEN}, "body": EMAIL, "note": PASSWORD});
        let error =
            json!({"error": {"code": code, "message": TOKEN, "payload": {"by": EMAIL}, "upstream": reply}});
        Some((500, error.to_string()))
    };
    let (client, _) = Canned::new([
        ok(&json!(PASSWORD)),
        refusal("script_http_error"),
        None,
        ok(&json!({"id": "7", "statusUrl": TOKEN, "note": PASSWORD})),
    ]);
    let client: &Client = &client;
    let action: RunAction<'_> = client.action(&key(), "greet").input(&json!({"by": EMAIL}));
    shown.debug(&action);
    shown.debug::<ActionOutcome<Value>>(&action.run().await.unwrap());
    let failed = action.run::<Value>().await.unwrap();
    shown.debug(&failed);
    if let ActionOutcome::Failed(failure) = &failed {
        shown.debug(failure);
        shown.debug(&failure.kind);
        shown.debug(failure.upstream.as_deref().unwrap());
    }
    shown.error(&failed.output().unwrap_err());
    shown.error(&action.run::<Value>().await.unwrap().output().unwrap_err());
    shown.debug::<StartedAction>(&action.start().await.unwrap());
    shown.debug(&client.action_result(TOKEN));
}
