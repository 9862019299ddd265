use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, contact, ids};
use crate::support::call;

fn metadata(record: &Value) -> Value {
    record["_nango_metadata"].clone()
}

#[tokio::test]
async fn records_come_with_metadata_in_microseconds() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([{ "id": "a", "name": "Ann", "tags": [1, 2] }])).await;
    let list = bench.list("").await;
    assert_eq!(list["next_cursor"], Value::Null);
    let record = &list["records"][0];
    let names: Vec<_> = record.as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "name", "tags", "_nango_metadata"]);
    let metadata = metadata(record);
    let names: Vec<_> = metadata.as_object().unwrap().keys().collect();
    let expected = ["first_seen_at", "last_modified_at", "last_action", "deleted_at", "pruned_at", "cursor"];
    assert_eq!(names, expected);
    let at = metadata["first_seen_at"].as_str().unwrap();
    let fraction = at.strip_suffix("+00:00").unwrap().split_once('.').unwrap().1;
    assert!((1..=6).contains(&fraction.len()) && !fraction.ends_with('0'), "{at}");
    assert_eq!(metadata["first_seen_at"], metadata["last_modified_at"]);
    assert_eq!(metadata["last_action"], "ADDED");
}

#[tokio::test]
async fn identical_data_changes_nothing_and_other_data_moves_to_the_end() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "Ann")])).await;
    bench.save(json!([contact("b", "Bob")])).await;
    let before = bench.list("").await;
    let sent = bench.save(json!([contact("a", "Ann")])).await;
    assert_eq!(sent[0]["responseResults"], json!({ "added": 0, "deleted": 0, "updated": 0 }));
    assert_eq!(bench.list("").await, before);
    let sent = bench.save(json!([contact("a", "Anna")])).await;
    assert_eq!(sent[0]["responseResults"], json!({ "added": 0, "deleted": 0, "updated": 1 }));
    let after = bench.list("").await;
    assert_eq!(ids(&after), ["b", "a"]);
    let (old, new) = (metadata(&before["records"][0]), metadata(&after["records"][1]));
    assert_eq!((&new["first_seen_at"], &new["last_action"]), (&old["first_seen_at"], &json!("UPDATED")));
    assert_ne!(new["cursor"], old["cursor"]);
}

#[tokio::test]
async fn failing_run_keeps_what_it_saved() {
    let bench = Bench::start(&["Contact"]).await;
    bench
        .run(|run| {
            run.save("Contact", [contact("a", "Ann")])?;
            Err("the second page is missing".into())
        })
        .await;
    assert_eq!(bench.ids("").await, ["a"]);
}

#[tokio::test]
async fn batch_update_merges_into_records_that_exist() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("d", "Dee")])).await;
    let email = |id: &str| json!({ "id": id, "email": "dee@x.test" });
    let sent = bench.run(move |run| run.update("Contact", [email("d"), email("unknown")])).await;
    assert_eq!(sent[0]["responseResults"], json!({ "added": 0, "deleted": 0, "updated": 1 }));
    let list = bench.list("").await;
    let data: Vec<_> = list["records"][0].as_object().unwrap().keys().take(3).collect();
    assert_eq!(ids(&list), ["d"]);
    assert_eq!(data, ["name", "id", "email"]);
}

#[tokio::test]
async fn batch_delete_leaves_only_the_id() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "Ann"), contact("b", "Bob")])).await;
    let sent = bench.run(|run| run.delete("Contact", ["b", "unknown"])).await;
    assert_eq!(sent[0]["responseResults"], json!({ "added": 0, "deleted": 1, "updated": 0 }));
    let list = bench.list("").await;
    let deleted = list["records"][1].as_object().unwrap();
    assert_eq!(deleted.keys().collect::<Vec<_>>(), ["id", "_nango_metadata"]);
    let metadata = metadata(&list["records"][1]);
    assert_eq!(metadata["last_action"], "DELETED");
    let time = |name: &str| metadata[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(time("deleted_at") <= time("last_modified_at"));
    assert_eq!(time("deleted_at").as_microsecond() % 1000, 0, "in milliseconds");
    assert_eq!(bench.status().await["recordCount"], json!({ "Contact": 1 }));
}

#[tokio::test]
async fn track_deletes_keeps_the_last_data() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "Ann"), contact("b", "Bob")])).await;
    let sent = bench
        .run(|run| {
            run.track_deletes_start("Contact")?;
            run.save("Contact", [contact("a", "Ann")])?;
            run.track_deletes_end("Contact")
        })
        .await;
    assert_eq!(sent[0]["responseResults"], json!({ "added": 0, "deleted": 1, "updated": 0 }));
    let record = bench.list("ids=b").await["records"][0].clone();
    let metadata = metadata(&record);
    assert_eq!((&record["name"], &metadata["last_action"]), (&json!("Bob"), &json!("DELETED")));
    assert_eq!(metadata["deleted_at"], metadata["last_modified_at"]);
}

#[tokio::test]
async fn sync_deployed_with_track_deletes_deletes_what_a_run_does_not_save() {
    let bench = Bench::start(&["Contact"]).await;
    let sync = |names: &[&str]| {
        let records = names.iter().map(|name| contact(name, name)).collect::<Vec<_>>();
        let sync = bench.nango.sync("openai", "tracked").model("Contact").records(records);
        sync.track_deletes().deploy().unwrap();
    };
    sync(&["a", "b"]);
    super::settle(&bench.nango).await;
    sync(&["b"]);
    bench.nango.trigger_sync("openai", "c", "tracked").unwrap();
    super::settle(&bench.nango).await;
    assert_eq!(bench.ids("filter=deleted").await, ["a"]);
    assert_eq!(bench.ids("filter=added,updated").await, ["b"]);
}

#[tokio::test]
async fn deleted_record_that_is_saved_again_is_added_with_a_new_first_seen_at() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("b", "Bob")])).await;
    let old = metadata(&bench.list("").await["records"][0]);
    bench.run(|run| run.delete("Contact", ["b"])).await;
    let sent = bench.save(json!([contact("b", "Bob")])).await;
    assert_eq!(sent[0]["responseResults"]["added"], 1);
    let new = metadata(&bench.list("").await["records"][0]);
    assert_eq!((&new["last_action"], &new["deleted_at"]), (&json!("ADDED"), &Value::Null));
    assert_ne!(new["first_seen_at"], old["first_seen_at"]);
}

#[tokio::test]
async fn filters_do_not_combine_as_a_union() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("new", "a"), contact("changed", "b"), contact("gone", "c")])).await;
    bench.save(json!([contact("changed", "other")])).await;
    bench.run(|run| run.delete("Contact", ["gone"])).await;
    for (filter, expected) in [
        ("added", vec!["new"]),
        ("updated", vec!["changed"]),
        ("deleted", vec!["gone"]),
        ("DELETED", vec!["gone"]),
        ("added,updated", vec!["new", "changed"]),
        ("updated,deleted", vec!["changed"]),
        ("added,deleted", vec!["new"]),
        ("added,updated,deleted", vec!["new", "changed"]),
    ] {
        assert_eq!(bench.ids(&format!("filter={filter}")).await, expected, "{filter}");
    }
    assert_eq!(bench.ids("ids=gone&filter=added").await, [""; 0]);
}

#[tokio::test]
async fn ids_select_records_and_unknown_ones_are_left_out() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "1"), contact("b", "2"), contact("c", "3")])).await;
    for query in ["ids=a&ids=c&ids=nope", "ids[]=a&ids[]=c", "ids[0]=a&ids[1]=c"] {
        let mut found = bench.ids(query).await;
        found.sort();
        assert_eq!(found, ["a", "c"], "{query}");
    }
    assert_eq!(bench.ids("ids=a,c").await, [""; 0], "one id");
    let many: Vec<_> = (0..101).map(|n| format!("ids={n}")).collect();
    let (status, refused) = bench.list_of("c", &format!("model=Contact&{}", many.join("&"))).await;
    assert_eq!((status, &refused["error"]["errors"][0]["code"]), (400, &json!("invalid_union")));
}

#[tokio::test]
async fn unknown_model_or_variant_is_empty_and_a_deleted_connection_unknown() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "Ann")])).await;
    let empty = json!({ "next_cursor": null, "records": [] });
    assert_eq!(bench.list_of("c", "model=Nope").await, (200, empty.clone()));
    assert_eq!(bench.list_of("c", "model=Contact&variant=nope").await, (200, empty.clone()));
    let path = "/connections/c?provider_config_key=openai";
    assert_eq!(call(&bench.nango, Method::DELETE, path, None).await.0, 200);
    let (status, refused) = bench.list_of("c", "model=Contact").await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("unknown_connection")));
    super::import(&bench.nango, "c").await;
    assert_eq!(bench.list_of("c", "model=Contact").await, (200, empty), "another connection");
}

#[tokio::test]
async fn reset_with_an_emptied_cache_removes_records_without_a_trace() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "Ann"), contact("b", "Bob")])).await;
    let first = metadata(&bench.list("ids=a").await["records"][0]);
    bench.set(|run| run.save("Contact", [contact("a", "Ann")]));
    for with in [
        json!({ "opts": { "reset": true, "emptyCache": true } }),
        json!({ "sync_mode": "full_refresh_and_clear_cache" }),
    ] {
        let sent = bench.trigger(with).await;
        assert_eq!(
            (&sent[0]["syncType"], &sent[0]["responseResults"]["added"]),
            (&json!("INITIAL"), &json!(1))
        );
        let list = bench.list("").await;
        assert_eq!(ids(&list), ["a"]);
        let again = metadata(&list["records"][0]);
        assert_eq!(again["last_action"], "ADDED");
        assert_ne!(again["first_seen_at"], first["first_seen_at"]);
    }
}

#[tokio::test]
async fn reset_alone_and_an_emptied_cache_alone_keep_records() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "Ann"), contact("b", "Bob")])).await;
    let before = bench.list("").await;
    bench.set(|run| run.save("Contact", [contact("a", "Ann")]));
    for (with, kind) in [
        (json!({ "opts": { "emptyCache": true } }), "INCREMENTAL"),
        (json!({ "opts": { "reset": true } }), "INITIAL"),
        (json!({ "sync_mode": "full_refresh" }), "INITIAL"),
        (json!({ "full_resync": true }), "INITIAL"),
        (json!({ "sync_mode": "incremental" }), "INCREMENTAL"),
    ] {
        assert_eq!(bench.trigger(with.clone()).await[0]["syncType"], kind, "{with}");
        assert_eq!(bench.list("").await, before, "{with}");
    }
}

#[tokio::test]
async fn record_without_an_id_fails_the_run() {
    let bench = Bench::start(&["Contact"]).await;
    for (record, ids) in [(json!({ "name": "Ann" }), 0), (json!({ "id": "" }), 0), (json!({ "id": 7 }), 1)] {
        let sent = bench.run(move |run| run.save("Contact", [record.clone()])).await;
        assert_eq!(sent[0]["success"], json!(ids == 1));
        assert_eq!(bench.list("").await["records"].as_array().unwrap().len(), ids);
    }
    let sent = bench.run(|run| run.save("Other", [contact("a", "Ann")])).await;
    assert_eq!(sent[0]["success"], false, "the sync has no such model");
}

#[tokio::test]
async fn nothing_is_saved_for_a_connection_that_was_deleted() {
    let bench = Bench::start(&["Contact"]).await;
    let records = bench.nango.records("openai", "c", "Contact").unwrap();
    let late = records.begin();
    let path = "/connections/c?provider_config_key=openai";
    assert_eq!(call(&bench.nango, Method::DELETE, path, None).await.0, 200);
    assert!(late.save([contact("a", "Ann")]).is_err());
    assert!(records.list().is_empty());
    assert!(bench.nango.records("openai", "c", "Contact").is_err());
    assert!(bench.nango.trigger_sync("openai", "c", "contacts").is_err());
}
