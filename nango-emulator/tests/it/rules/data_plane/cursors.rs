use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, contact, ids};
use crate::rules::{request, with};

fn cursor_of(record: &Value) -> String {
    record["_nango_metadata"]["cursor"].as_str().unwrap().to_owned()
}

fn encoded(cursor: &str) -> String {
    cursor.replace('+', "%2B").replace('=', "%3D")
}

async fn many(bench: &Bench, count: usize) {
    let records = (0..count).map(|n| contact(&format!("c{n}"), "x")).collect::<Vec<_>>();
    bench.save(json!(records)).await;
}

#[tokio::test]
async fn pages_follow_each_other_and_the_last_has_no_next_cursor() {
    let bench = Bench::start(&["Contact"]).await;
    many(&bench, 250).await;
    let (mut all, mut query) = (Vec::new(), String::new());
    for (size, more) in [(100, true), (100, true), (50, false)] {
        let page = bench.list(&query).await;
        assert_eq!(ids(&page).len(), size);
        all.extend(ids(&page));
        let last = cursor_of(page["records"].as_array().unwrap().last().unwrap());
        assert_eq!(page["next_cursor"], if more { json!(last) } else { Value::Null });
        query = format!("cursor={}", encoded(&last));
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 250);
    // The cursor of the last record is the position to go on from later.
    assert_eq!(bench.ids(&query).await, [""; 0]);
    bench.save(json!([contact("later", "x")])).await;
    assert_eq!(bench.ids(&query).await, ["later"]);
}

#[tokio::test]
async fn records_of_one_batch_have_one_time_and_the_order_of_internal_ids() {
    let bench = Bench::start(&["Contact"]).await;
    many(&bench, 20).await;
    let list = bench.list("").await;
    let positions = list["records"].as_array().unwrap().iter().map(|record| {
        let text = String::from_utf8(BASE64.decode(cursor_of(record)).unwrap()).unwrap();
        let (at, id) = text.split_once("||").unwrap();
        assert_eq!(at, record["_nango_metadata"]["last_modified_at"]);
        (at.to_owned(), id.to_owned())
    });
    let positions = positions.collect::<Vec<_>>();
    assert!(positions.iter().all(|(at, _)| *at == positions[0].0));
    assert!(positions.is_sorted());
    assert_ne!(ids(&list), (0..20).map(|n| format!("c{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn cursor_stays_valid_when_its_record_changes_or_vanishes() {
    let bench = Bench::start(&["Contact"]).await;
    for id in ["a", "b", "c"] {
        bench.save(json!([contact(id, "x")])).await;
    }
    let second = cursor_of(&bench.list("").await["records"][1]);
    let query = format!("cursor={}", encoded(&second));
    bench.save(json!([contact("b", "changed")])).await;
    assert_eq!(bench.ids(&query).await, ["c", "b"]);
    bench.nango.records("openai", "c", "Contact").unwrap().remove(["b"]);
    assert_eq!(bench.ids(&query).await, ["c"]);
    let made_up = BASE64.encode("2020-01-01T00:00:00Z||00000000-0000-4000-8000-000000000000");
    assert_eq!(bench.ids(&format!("cursor={made_up}")).await, ["a", "c"]);
}

#[tokio::test]
async fn modified_after_is_inclusive_cut_to_milliseconds_and_combines_with_the_cursor() {
    let bench = Bench::start(&["Contact"]).await;
    bench.save(json!([contact("a", "x")])).await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    bench.save(json!([contact("b", "x")])).await;
    let list = bench.list("").await;
    let at = |n: usize| {
        let at = list["records"][n]["_nango_metadata"]["last_modified_at"].as_str().unwrap();
        format!("{}Z", at.strip_suffix("+00:00").unwrap())
    };
    for name in ["modified_after", "delta"] {
        assert_eq!(bench.ids(&format!("{name}={}", at(0))).await, ["a", "b"]);
        assert_eq!(bench.ids(&format!("{name}={}", at(1))).await, ["b"]);
    }
    let cursor = encoded(&cursor_of(&list["records"][0]));
    assert_eq!(bench.ids(&format!("modified_after={}&cursor={cursor}", at(0))).await, ["b"]);
    let ahead = encoded(&cursor_of(&list["records"][1]));
    assert_eq!(bench.ids(&format!("modified_after={}&cursor={ahead}", at(0))).await, [""; 0]);
    // The text of a record cannot be sent back as it is.
    let offset = format!("modified_after={}", at(0).replace('Z', "%2B00:00"));
    assert_eq!(bench.list_of("c", &format!("model=Contact&{offset}")).await.0, 400);
}

#[tokio::test]
async fn fraction_as_limit_is_rounded_up_and_has_no_next_cursor() {
    let bench = Bench::start(&["Contact"]).await;
    many(&bench, 5).await;
    let page = bench.list("limit=1.5").await;
    assert_eq!((ids(&page).len(), &page["next_cursor"]), (2, &Value::Null));
    let page = bench.list("limit=2").await;
    assert!(ids(&page).len() == 2 && page["next_cursor"].is_string());
}

#[tokio::test]
async fn reader_misses_a_record_that_commits_late() {
    let bench = Bench::start(&["Contact"]).await;
    let sent = bench
        .run(|run| {
            let late = run.begin("Contact")?;
            run.save("Contact", [contact("early", "x")])?;
            late.save([contact("late", "x")])?;
            Ok(())
        })
        .await;
    assert_eq!(sent[0]["responseResults"]["added"], 2);
    let list = bench.list("").await;
    assert_eq!(ids(&list), ["late", "early"]);
    let cursor = encoded(&cursor_of(&list["records"][1]));
    assert_eq!(bench.ids(&format!("cursor={cursor}")).await, [""; 0]);
}

async fn prune(nango: &Emulator, body: Value) -> Value {
    let asked = with(request(nango, Method::PATCH, "/records/prune"), &body);
    let asked = asked.header("provider-config-key", "openai").header("connection-id", "c");
    let answer = asked.send().await.unwrap();
    let status = answer.status().as_u16();
    let mut body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    body["status"] = json!(status);
    body
}

#[tokio::test]
async fn pruned_records_keep_their_id_and_cursor() {
    let bench = Bench::start(&["Contact"]).await;
    many(&bench, 20).await;
    let before = bench.list("").await;
    let until = |n: usize| cursor_of(&before["records"][n]);
    let ask = |until: String| json!({ "model": "Contact", "until_cursor": until });
    let answer = |count: usize, more: bool| json!({ "count": count, "has_more": more, "status": 200 });
    assert_eq!(prune(&bench.nango, ask(until(2))).await, answer(3, false), "inclusive");
    assert_eq!(prune(&bench.nango, ask(until(2))).await, answer(0, false));
    let mut limited = ask(until(19));
    limited["limit"] = json!(10);
    assert_eq!(prune(&bench.nango, limited).await, answer(10, true));
    let after = bench.list("").await;
    let pruned = after["records"][0].as_object().unwrap();
    assert_eq!(pruned.keys().collect::<Vec<_>>(), ["id", "_nango_metadata"]);
    assert!(after["records"][0]["_nango_metadata"]["pruned_at"].is_string());
    assert_eq!(cursor_of(&after["records"][0]), until(0));
    let bad = prune(&bench.nango, ask("zzz".to_owned())).await;
    assert_eq!((&bad["status"], &bad["error"]["code"]), (&json!(500), &json!("server_error")));
    assert_eq!(
        prune(&bench.nango, json!({ "model": "Nope", "until_cursor": until(0) })).await,
        answer(0, false)
    );
}

#[tokio::test]
async fn same_data_restores_a_pruned_record_and_other_data_updates_it() {
    let bench = Bench::start(&["Contact"]).await;
    many(&bench, 2).await;
    let before = bench.list("").await;
    let last = cursor_of(&before["records"][1]);
    prune(&bench.nango, json!({ "model": "Contact", "until_cursor": last })).await;
    let [same, other] = [0, 1].map(|n| ids(&before)[n].clone());
    let sent = bench.save(json!([contact(&same, "x"), contact(&other, "changed")])).await;
    assert_eq!(sent[0]["responseResults"], json!({ "added": 0, "deleted": 0, "updated": 1 }));
    let after = bench.list("").await;
    assert_eq!(after["records"][0], before["records"][0], "without a new cursor");
    assert_eq!(after["records"][1]["_nango_metadata"]["last_action"], "UPDATED");
}
