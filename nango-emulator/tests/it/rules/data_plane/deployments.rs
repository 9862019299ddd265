use nango_emulator::{Emulator, EmulatorError};
use reqwest::Method;
use serde_json::{Value, json};

use super::{contact, ids, post, sent, settle};
use crate::rules::import;
use crate::support::call;

async fn get(nango: &Emulator, path: &str) -> (u16, Value) {
    call(nango, Method::GET, path, None).await
}

fn flow(kind: &str, name: &str, models: &[&str]) -> Value {
    json!({
        "syncName": name, "providerConfigKey": "openai", "models": models, "version": "1.0.0",
        "runs": if kind == "sync" { json!("every hour") } else { Value::Null }, "track_deletes": false,
        "auto_start": true, "metadata": { "description": "d", "scopes": [] }, "type": kind,
        "fileBody": { "js": "", "ts": "export default {}" },
    })
}

fn deployment(flows: &[Value]) -> Value {
    json!({ "flowConfigs": flows, "onEventScriptsByProvider": [], "reconcile": true, "sdkVersion": "0.71.4" })
}

#[tokio::test]
async fn deployment_answers_404_for_removed_actions_at_once_and_keeps_records() {
    let nango = Emulator::builder().start().await.unwrap();
    import(&nango, "c").await;
    let sync = flow("sync", "contacts", &["Contact"]);
    let body = deployment(&[sync.clone(), flow("action", "greet", &["Greeting"])]);
    let (status, answer) = post(&nango, "/sync/deploy", body).await;
    let entry = json!({
        "name": "contacts", "models": ["Contact"], "version": "1.0.0", "providerConfigKey": "openai",
        "type": "sync",
    });
    assert_eq!((status, &answer[0]), (200, &entry));
    settle(&nango).await;
    let records = nango.records("openai", "c", "Contact").unwrap();
    records.save([contact("a", "Ann")]).unwrap();
    let mut changed = sync;
    changed["version"] = json!("1.1.0");
    let (_, plan) = post(&nango, "/sync/deploy/confirmation", deployment(&[changed.clone()])).await;
    assert_eq!(plan["deletedActions"], json!([{ "name": "greet", "providerConfigKey": "openai" }]));
    assert_eq!(plan["updatedSyncs"][0]["connections"], 1);
    assert_eq!(post(&nango, "/sync/deploy", deployment(&[changed])).await.0, 200);
    assert_eq!(get(&nango, "/integrations/openai/functions/greet").await.0, 404);
    assert_eq!(records.list().len(), 1);
}

#[tokio::test]
async fn functions_are_listed_actions_first_and_by_name() {
    let nango = Emulator::builder().start().await.unwrap();
    for name in ["zeta", "alpha"] {
        nango.sync("openai", name).model("Contact").deploy().unwrap();
        nango.action("openai", name, |_| async move { Ok(Value::Null) }).unwrap();
    }
    let names = |body: &Value| {
        let entries = body["data"].as_array().unwrap().iter();
        entries.map(|one| format!("{} {}", one["type"], one["name"]).replace('"', "")).collect::<Vec<_>>()
    };
    let path = "/integrations/openai/functions";
    let (_, all) = get(&nango, path).await;
    assert_eq!(names(&all), ["action alpha", "action zeta", "sync alpha", "sync zeta"]);
    assert_eq!(all["pagination"], json!({ "total": 4, "page": 0, "limit": 20 }));
    let (_, page) = get(&nango, &format!("{path}?limit=3&page=1")).await;
    assert_eq!((names(&page), &page["pagination"]["total"]), (vec!["sync zeta".to_owned()], &json!(4)));
    assert_eq!(names(&get(&nango, &format!("{path}?type=sync&search=ALP")).await.1), ["sync alpha"]);
    let sync = get(&nango, &format!("{path}/alpha?type=sync")).await.1["data"].clone();
    assert_eq!(
        (&sync["runs"], &sync["auto_start"], &sync["source"]),
        (&json!("every hour"), &json!(true), &json!("repo"))
    );
    let deleted = call(&nango, Method::DELETE, &format!("{path}/alpha?type=sync"), None).await;
    assert_eq!((deleted.0, &deleted.1["error"]["code"]), (400, &json!("function_managed_by_deploy")));
}

#[tokio::test]
async fn code_of_a_function_is_that_of_the_deployment() {
    let nango = Emulator::builder().start().await.unwrap();
    post(&nango, "/sync/deploy", deployment(&[flow("sync", "contacts", &["Contact"])])).await;
    let path = "/integrations/openai/functions/contacts/code";
    assert_eq!(get(&nango, path).await, (200, json!({ "type": "sync", "code": "export default {}" })));
}

#[tokio::test]
async fn deployment_that_breaks_a_rule_is_refused() {
    let nango = Emulator::builder().start().await.unwrap();
    let refused = |sync: nango_emulator::SyncBuilder<'_>| match sync.deploy() {
        Err(EmulatorError::InvalidSetting { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert!(refused(nango.sync("openai", "a b").model("Contact")).contains("\"a b\""));
    assert!(refused(nango.sync("openai", "a").model("contact")).contains("\"contact\""));
    assert!(refused(nango.sync("openai", "a")).contains("no model"));
    assert!(refused(nango.sync("openai", "a").model("Contact").every("10 seconds")).contains("30 seconds"));
    assert!(refused(nango.sync("openai", "a").model("Contact").records([json!({})])).contains("Contact"));
    assert!(refused(nango.sync("openai", "a").records([])).contains("model"));
    let missing = nango.sync("nope", "a").model("Contact").deploy();
    assert!(matches!(missing, Err(EmulatorError::NotFound { what: "integration" })));
}

#[tokio::test]
async fn configuration_deploys_functions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.json");
    let functions = json!([
        {
            "type": "sync", "integration": "openai", "name": "contacts", "models": ["Contact"],
            "records": { "Contact": [{ "id": "a" }] },
            "steps": [{ "delete": { "Contact": ["a"] } }, { "save": { "Contact": [{ "id": "b" }] } }],
        },
        { "type": "action", "integration": "openai", "name": "greet", "output": { "greeting": "Hello" } },
        { "type": "action", "integration": "openai", "name": "fails", "error": { "action": { "code": 1 } } },
    ]);
    std::fs::write(&path, json!({ "functions": functions }).to_string()).unwrap();
    let nango = Emulator::builder().config_file(&path).start().await.unwrap();
    for _ in 0..2 {
        import(&nango, "c").await;
        settle(&nango).await;
        let list = nango.records("openai", "c", "Contact").unwrap().list();
        assert_eq!(ids(&json!({ "records": list })), ["a", "b"]);
        nango.reset();
    }
    let mut wrong = functions;
    wrong[0]["runs"] = json!("whenever");
    std::fs::write(&path, json!({ "functions": wrong }).to_string()).unwrap();
    let refused = Emulator::builder().config_file(&path).start().await;
    assert!(matches!(refused, Err(EmulatorError::InvalidSetting { setting: "functions", .. })));
}

#[tokio::test]
async fn control_endpoints_deploy_functions_and_change_records() {
    let nango = Emulator::builder().webhook_url("http://127.0.0.1:9/hook").start().await.unwrap();
    import(&nango, "c").await;
    let sync = json!({ "type": "sync", "integration": "openai", "name": "contacts", "models": ["Contact"] });
    assert_eq!(post(&nango, "/_emulator/functions", json!({ "functions": [sync] })).await.0, 200);
    assert_eq!(post(&nango, "/_emulator/runs/wait", json!({})).await, (200, json!({ "idle": true })));
    let behaviour = json!({
        "type": "sync", "integration": "openai", "name": "contacts",
        "steps": [
            { "track_deletes_start": "Contact" }, { "save": { "Contact": [{ "id": "a" }] } },
            { "checkpoint": { "page": 1 } }, { "fail": { "thrown": { "message": "boom" } } },
        ],
    });
    assert_eq!(post(&nango, "/_emulator/functions/behaviour", behaviour).await.0, 200);
    nango.trigger_sync("openai", "c", "contacts").unwrap();
    settle(&nango).await;
    let failed = sent(&nango).pop().unwrap();
    assert_eq!(failed["error"]["payload"]["message"], "boom");
    assert_eq!(failed["checkpoints"]["to"], json!({ "page": 1 }));

    let change = |more: Value| {
        let mut body = json!({ "integration": "openai", "connection_id": "c", "model": "Contact" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let path = "/_emulator/records";
    let begun = post(&nango, path, change(json!({}))).await.1["at"].clone();
    post(&nango, path, change(json!({ "save": [{ "id": "b" }] }))).await;
    let (status, late) = post(&nango, path, change(json!({ "save": [{ "id": "late" }], "at": begun }))).await;
    assert_eq!((status, &late["added"], &late["at"]), (200, &json!(1), &begun));
    let query = "/_emulator/records?integration=openai&connection_id=c&model=Contact";
    let list = async || ids(&get(&nango, query).await.1);
    assert_eq!(list().await, ["a", "late", "b"]);
    post(&nango, path, change(json!({ "delete": ["a"], "remove": ["late"] }))).await;
    assert_eq!(list().await, ["b", "a"], "deleted ones stay, removed ones do not");
    post(&nango, path, change(json!({ "clear": true }))).await;
    assert_eq!(list().await, [""; 0]);
    assert_eq!(post(&nango, path, change(json!({ "connection_id": "none" }))).await.0, 404);
}

#[tokio::test]
async fn functions_records_and_results_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.json");
    let start = async || Emulator::builder().data_file(&data).start().await.unwrap();
    let nango = start().await;
    nango.sync("openai", "contacts").model("Contact").records([contact("a", "Ann")]).deploy().unwrap();
    nango.action("openai", "greet", |_| async move { Ok(json!("hello")) }).unwrap();
    import(&nango, "c").await;
    settle(&nango).await;
    let path = "/sync/status?syncs=*&provider_config_key=openai&connection_id=c";
    let before = (nango.records("openai", "c", "Contact").unwrap().list(), get(&nango, path).await);
    nango.stop().await;
    let nango = start().await;
    let after = (nango.records("openai", "c", "Contact").unwrap().list(), get(&nango, path).await);
    assert_eq!(after, before);
    assert_eq!(after.1.1["syncs"][0]["recordCount"], json!({ "Contact": 1 }));
    assert_eq!(get(&nango, "/integrations/openai/functions/greet").await.0, 200);
    let records = nango.records("openai", "c", "Contact").unwrap();
    records.save([contact("b", "Bob")]).unwrap();
    assert_eq!(ids(&json!({ "records": records.list() })), ["a", "b"], "later than what was saved before");
}

#[tokio::test]
async fn deleted_integration_takes_its_functions_along() {
    let nango = Emulator::builder().start().await.unwrap();
    import(&nango, "c").await;
    nango.sync("openai", "contacts").model("Contact").deploy().unwrap();
    settle(&nango).await;
    assert_eq!(call(&nango, Method::DELETE, "/integrations/openai", None).await.0, 200);
    assert_eq!(get(&nango, "/scripts/config").await, (200, json!([])));
}
