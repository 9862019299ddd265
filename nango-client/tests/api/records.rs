//! Lists of records: pages, streams, readers, comparisons.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, TryStreamExt as _};
use nango_client::{
    ConnectionKey, Cursor, ErrorKind, ListRecords, RecordData, RecordFilter, RecordPage, Timestamp,
};
use serde::Deserialize;

use crate::server::{Prepared, Server};

#[derive(Debug, PartialEq, Deserialize)]
struct Issue {
    title: String,
}

fn github() -> ConnectionKey {
    ConnectionKey::new("github", "c1")
}

/// Returns the time this many seconds after ten minutes ago, to the second.
fn at(seconds: u64) -> Timestamp {
    static BEGAN: LazyLock<Timestamp> = LazyLock::new(|| {
        let now = Timestamp::now().as_micros();
        Timestamp::from_micros(now - now % 1_000_000 - 600_000_000).unwrap()
    });
    BEGAN.saturating_add(Duration::from_secs(seconds))
}

fn cursor(id: &str, seconds: u64) -> Cursor {
    let id = id.bytes().next().unwrap();
    Cursor::new(STANDARD.encode(format!("{}||{id:08x}-7fc6-5bde-90d9-6ca83402c6d7", at(seconds))))
}

/// Returns a record as Nango describes it.
fn record(id: &str, seconds: u64, state: &str) -> String {
    let (time, cursor) = (at(seconds).to_string().replace('Z', "+00:00"), cursor(id, seconds));
    let (action, deleted, pruned) = match state {
        "deleted" => ("DELETED", format!("\"{time}\""), "null".to_owned()),
        "pruned" => ("ADDED", "null".to_owned(), format!("\"{time}\"")),
        _ => ("ADDED", "null".to_owned(), "null".to_owned()),
    };
    let title = if state == "present" { r#","title":"t""# } else { "" };
    format!(
        r#"{{"id":"{id}"{title},"_nango_metadata":{{"first_seen_at":"{time}","last_modified_at":"{time}","last_action":
        "{action}","deleted_at":{deleted},"pruned_at":{pruned},"cursor":"{cursor}"}}}}"#
    )
}

fn page(records: &[(&str, u64)], next: Option<Cursor>) -> Prepared {
    let rows: Vec<_> = records.iter().map(|(id, seconds)| record(id, *seconds, "present")).collect();
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    (200, "", format!(r#"{{"next_cursor":{next},"records":[{}]}}"#, rows.join(",")))
}

fn ids(page: Option<RecordPage<Issue>>) -> Vec<String> {
    page.into_iter().flatten().map(|record| record.id).collect()
}

fn issues(server: &Server) -> ListRecords<'_, Issue> {
    server.client.records(&github(), "Issue")
}

fn queries(server: &Server) -> Vec<String> {
    server.lines().into_iter().map(|line| line.replace("%3D", "=").replace("%3A", ":")).collect()
}

#[tokio::test]
async fn all_parameters_are_sent_and_times_in_the_form_that_nango_takes() {
    let server = Server::start([page(&[], None), page(&[], None)]).await;
    let time = "2026-11-28T01:05:16.93253+00:00".parse::<Timestamp>().unwrap();
    let list =
        issues(&server).variant("v1").modified_after(time).filter(RecordFilter::Live).ids(["a", "b,c"]);
    let _ = list.after(cursor("a", 1)).limit(2).send().await.unwrap();
    let _ = issues(&server).send().await.unwrap();
    let cursor = cursor("a", 1);
    assert_eq!(
        queries(&server),
        [
            format!(
                "GET /records?model=Issue&limit=2&variant=v1&modified_after=2026-11-28T01:05:16.93253Z&\
                 filter=added%2Cupdated&cursor={cursor}&ids=a&ids=b%2Cc"
            ),
            "GET /records?model=Issue&limit=100".to_owned(),
        ]
    );
    let head = &server.requests()[0].head;
    assert!(head.contains("connection-id: c1") && head.contains("provider-config-key: github"), "{head}");
}

#[tokio::test]
async fn a_walk_ends_where_there_is_no_next_page_and_its_position_is_that_of_the_last_record() {
    // The first page is short, and so no last one.
    let pages = [page(&[("a", 1)], Some(cursor("a", 1))), page(&[("b", 2), ("c", 3)], None)];
    let server = Server::start(pages).await;
    let mut pages = issues(&server).limit(10).pages();
    assert_eq!(pages.position(), None);
    assert_eq!(ids(pages.next_page().await.unwrap()), ["a"]);
    assert_eq!(ids(pages.next_page().await.unwrap()), ["b", "c"]);
    assert!(pages.next_page().await.unwrap().is_none());
    assert_eq!(pages.position(), Some(&cursor("c", 3)));
    assert!(queries(&server)[1].ends_with(&format!("cursor={}", cursor("a", 1))));
}

#[tokio::test]
async fn an_empty_walk_keeps_its_position() {
    let server = Server::start([page(&[], None)]).await;
    let mut pages = issues(&server).after(cursor("a", 1)).pages();
    assert!(pages.next_page().await.unwrap().is_none());
    assert_eq!(pages.position(), Some(&cursor("a", 1)));
}

#[tokio::test]
async fn a_stream_yields_every_record_with_its_position_and_ends_after_an_error() {
    let pages = || page(&[("a", 1), ("b", 2)], Some(cursor("b", 2)));
    let server = Server::start([pages(), page(&[("c", 3)], None), pages(), (503, "", String::new())]).await;
    let mut stream = issues(&server).stream();
    let mut found = Vec::new();
    while let Some(record) = stream.try_next().await.unwrap() {
        assert_eq!(stream.position(), Some(record.cursor()));
        found.push(record.into_present().unwrap().title);
    }
    assert_eq!(found, ["t", "t", "t"]);

    let mut stream = issues(&server).stream();
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.unwrap().is_ok());
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(stream.next().await.is_none());
    assert_eq!(stream.position(), Some(&cursor("b", 2)));
}

#[tokio::test]
async fn each_state_of_a_record_is_one_of_its_own() {
    let rows = [
        record("a", 1, "present"),
        record("b", 2, "deleted"),
        record("c", 3, "pruned"),
        record("d", 4, "other"),
        record("e", 5, "deleted").replace(r#""id":"e""#, r#""id":"e","title":"last""#),
    ];
    let server =
        Server::json(200, &format!(r#"{{"next_cursor":null,"records":[{}]}}"#, rows.join(","))).await;
    let page = issues(&server).send().await.unwrap();
    let data: Vec<_> = page.records.iter().map(|record| &record.data).collect();
    assert_eq!(*data[0], RecordData::Present(Issue { title: "t".to_owned() }));
    assert_eq!(*data[1], RecordData::Deleted(None));
    assert_eq!(*data[2], RecordData::Pruned);
    assert!(matches!(data[3], RecordData::Unreadable(row) if row.json() == rows[3]));
    assert_eq!(*data[4], RecordData::Deleted(Some(Issue { title: "last".to_owned() })));
    assert!(!format!("{page:?}").contains("last\""), "{page:?}");
}

#[tokio::test]
async fn a_cursor_that_nango_cannot_read_is_an_error_of_its_own_and_never_retried() {
    let refused =
        || (500, "", r#"{"error":{"code":"server_error","message":"Failed to fetch records"}}"#.to_owned());
    let server = Server::start([refused(), refused(), page(&[], None)]).await;
    let background = server.client.background();
    let bad = || background.records::<Issue>(&github(), "Issue").after(Cursor::new("zzz"));
    let error = bad().send().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::InvalidCursor, false));
    assert_eq!(server.lines().len(), 1);
    // A failure of Nango's own has the same code.
    let _ = background.records::<Issue>(&github(), "Issue").after(cursor("a", 1)).send().await.unwrap();
    assert_eq!(server.lines().len(), 3);
    for cursor in [String::new(), "x".repeat(1_001)] {
        let error = issues(&server).after(Cursor::new(cursor)).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCursor);
    }
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn limits_and_ids_that_nango_does_not_take_are_not_sent() {
    let server = Server::start([]).await;
    let many: Vec<_> = (0..101).map(|id| id.to_string()).collect();
    for list in [
        issues(&server).limit(0),
        issues(&server).limit(10_001),
        issues(&server).ids(Vec::<String>::new()),
        issues(&server).ids(many),
        issues(&server).ids(["x".repeat(257)]),
        issues(&server).ids([""]),
    ] {
        assert_eq!(list.send().await.unwrap_err().kind(), ErrorKind::InvalidRequest, "{list:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_is_requested_again_with_half_the_limit() {
    let large = (200, "", " ".repeat(33 * 1024 * 1024));
    let server = Server::start([large, page(&[("a", 1)], None)]).await;
    assert_eq!(issues(&server).limit(3).send().await.unwrap().records.len(), 1);
    assert!(server.lines()[1].contains("limit=1"), "{:?}", server.lines());
}

#[tokio::test]
async fn a_reader_steps_back_and_leaves_out_what_it_knows() {
    let pages = [
        page(&[("a", 100), ("b", 400)], None),
        // `late` was saved before `b`, and committed after it was read.
        page(&[("late", 200)], Some(cursor("late", 200))),
        page(&[("b", 400), ("c", 500)], None),
        page(&[("c", 500)], None),
    ];
    let server = Server::start(pages).await;
    let mut reader = issues(&server).reader().overlap(Duration::from_secs(300));
    assert_eq!(ids(reader.next_page().await.unwrap()), ["a", "b"]);
    assert!(reader.next_page().await.unwrap().is_none());

    let page = reader.next_page().await.unwrap();
    assert_eq!(ids(page), ["late"]);
    assert_eq!(reader.position(), Some(&cursor("b", 400)), "the position never goes back");
    assert_eq!(ids(reader.next_page().await.unwrap()), ["c"]);
    assert!(reader.next_page().await.unwrap().is_none());
    assert_eq!(reader.position(), Some(&cursor("c", 500)));

    assert!(reader.next_page().await.unwrap().is_none(), "a round without anything new");
    let queries = queries(&server);
    assert_eq!(queries[0], "GET /records?model=Issue&limit=100");
    // An overlap before the first round began, which was just before `b` was read.
    assert!(began_at(&queries[1]) <= at(100) && began_at(&queries[1]) > at(95), "{}", queries[1]);
    assert!(queries[2].contains("modified_after=") && queries[2].contains("&cursor="));
    assert!(began_at(&queries[3]) <= at(200) && began_at(&queries[3]) > at(195), "{}", queries[3]);
}

/// Returns the time at which a round began to read.
fn began_at(query: &str) -> Timestamp {
    let (_, time) = query.rsplit_once("modified_after=").unwrap();
    time.parse().unwrap()
}

#[tokio::test]
async fn a_round_behind_a_steady_writer_ends_and_the_next_meets_what_was_late() {
    let pages = [
        page(&[("a", 100)], None),
        page(&[("b", 101)], Some(cursor("b", 101))),
        page(&[("c", 103)], Some(cursor("c", 103))),
        // Committed after the round had passed it.
        page(&[("late", 101), ("c", 103), ("d", 104)], None),
    ];
    let server = Server::start(pages).await;
    let overlap = Duration::from_secs(1);
    let mut reader = issues(&server).reader().overlap(overlap);
    assert_eq!(ids(reader.next_page().await.unwrap()), ["a"]);
    assert!(reader.next_page().await.unwrap().is_none());
    assert_eq!(ids(reader.next_page().await.unwrap()), ["b"]);
    tokio::time::sleep(overlap).await;
    assert_eq!(ids(reader.next_page().await.unwrap()), ["c"]);
    assert_eq!(ids(reader.next_page().await.unwrap()), ["late", "d"], "in a round that follows at once");
    let query = &queries(&server)[3];
    assert!(began_at(query) <= at(101) && !query.contains("cursor="), "{query}");
    assert_eq!(reader.position(), Some(&cursor("d", 104)));
}

#[tokio::test]
async fn a_long_round_that_leads_no_further_goes_on() {
    let next = || Some(cursor("a", 100));
    let pages = [page(&[("a", 100)], next()), page(&[("b", 100)], next()), page(&[("c", 100)], None)];
    let server = Server::start(pages).await;
    let overlap = Duration::from_millis(20);
    let mut reader = issues(&server).after(cursor("a", 100)).reader().overlap(overlap);
    assert_eq!(ids(reader.next_page().await.unwrap()), ["a"]);
    // As where more records lie within the overlap than are read in that time: the next round would not
    // lead further, either.
    tokio::time::sleep(2 * overlap).await;
    assert_eq!(ids(reader.next_page().await.unwrap()), ["b"]);
    assert_eq!(ids(reader.next_page().await.unwrap()), ["c"]);
    let queries = queries(&server);
    assert!(queries[2].contains("&cursor="), "{queries:?}");
}

#[tokio::test]
async fn the_first_round_of_a_reader_begins_two_overlaps_before_a_stored_position() {
    let server = Server::start([page(&[("late", 100)], None)]).await;
    let mut reader = issues(&server).after(cursor("b", 200)).reader().overlap(Duration::from_secs(60));
    assert_eq!(ids(reader.next_page().await.unwrap()), ["late"]);
    assert_eq!(began_at(&queries(&server)[0]), at(80));
    assert_eq!(reader.position(), Some(&cursor("b", 200)));
}

#[tokio::test]
async fn a_position_before_which_no_record_can_appear_is_followed_without_overlap() {
    let empty = || page(&[], None);
    let server = Server::start([page(&[("a", 100)], None), empty(), page(&[("b", 599)], None)]).await;
    let overlap = Duration::from_millis(50);
    let mut reader = issues(&server).reader().overlap(overlap);
    assert_eq!(ids(reader.next_page().await.unwrap()), ["a"]);
    assert!(reader.next_page().await.unwrap().is_none());
    tokio::time::sleep(overlap).await;
    assert!(reader.next_page().await.unwrap().is_none(), "the last one that steps back");
    assert_eq!(ids(reader.next_page().await.unwrap()), ["b"]);
    let queries = queries(&server);
    assert!(began_at(&queries[1]) < at(100), "{}", queries[1]);
    assert_eq!(queries[2], format!("GET /records?model=Issue&limit=100&cursor={}", cursor("a", 100)));
}

#[tokio::test]
async fn a_reader_meets_a_newer_state_of_a_record_that_it_knows() {
    let server =
        Server::start([page(&[("a", 100), ("b", 110)], None), page(&[("b", 110), ("a", 120)], None)]).await;
    let mut reader = issues(&server).after(cursor("a", 90)).reader();
    reader.mark_as_known("a", at(100));
    assert_eq!(ids(reader.next_page().await.unwrap()), ["b"]);
    assert!(reader.next_page().await.unwrap().is_none());
    assert_eq!(ids(reader.next_page().await.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_position_that_is_too_old_or_of_another_form_is_followed_without_overlap() {
    let old = STANDARD.encode("2020-11-28T01:05:16Z||aaa0990b-7fc6-5bde-90d9-6ca83402c6d7");
    for cursor in [old, "opaque".to_owned()] {
        let server = Server::start([page(&[], None), page(&[], None)]).await;
        let mut reader = issues(&server).after(Cursor::new(&*cursor)).reader();
        assert!(reader.next_page().await.unwrap().is_none());
        assert_eq!(queries(&server), [format!("GET /records?model=Issue&limit=100&cursor={cursor}")]);
    }
}

#[tokio::test]
async fn a_comparison_finds_what_is_gone_without_a_trace() {
    let rows = [record("a", 1, "present"), record("b", 2, "deleted"), record("c", 3, "pruned")];
    let server =
        Server::json(200, &format!(r#"{{"next_cursor":null,"records":[{}]}}"#, rows.join(","))).await;
    let mut all = issues(&server).read_all();
    assert_eq!(all.next_page().await.unwrap().unwrap().records.len(), 3);
    assert!(all.next_page().await.unwrap().is_none());
    let comparison = all.into_comparison().unwrap();
    assert_eq!(comparison.len(), 2);
    assert_eq!(comparison.position(), Some(&cursor("c", 3)));
    let is_gone = |id, seconds| comparison.is_gone(id, at(seconds));
    assert_eq!(["a", "b", "c", "d"].map(|id| is_gone(id, 1)), [false, true, false, true]);
    assert!(!is_gone("later", 4), "it may have been added since");
}

#[tokio::test]
async fn a_comparison_needs_all_records() {
    let server = Server::start([page(&[("a", 1)], Some(cursor("a", 1)))]).await;
    let mut all = issues(&server).read_all();
    assert!(all.next_page().await.unwrap().is_some());
    assert!(all.into_comparison().is_none(), "not read to its end");
    let mut part = issues(&server).filter(RecordFilter::Live).read_all();
    assert_eq!(part.next_page().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn pruning_names_the_model_and_the_position() {
    let refused = r#"{"error":{"code":"server_error","message":"Failed to prune records"}}"#;
    let pruned = r#"{"count":10,"has_more":true}"#;
    let server = Server::start([(200, "", pruned.to_owned()), (500, "", refused.to_owned())]).await;
    let found =
        server.client.prune_records(&github(), "Issue", &cursor("a", 1)).limit(10).send().await.unwrap();
    assert_eq!((found.count, found.has_more), (10, true));
    let bad = server.client.prune_records(&github(), "Issue", &Cursor::new("zzz")).variant("v1");
    assert_eq!(bad.send().await.unwrap_err().kind(), ErrorKind::InvalidCursor);
    let bodies: Vec<_> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(server.lines(), ["PATCH /records/prune"; 2]);
    assert_eq!(
        bodies,
        [
            format!(r#"{{"model":"Issue","until_cursor":"{}","limit":10}}"#, cursor("a", 1)),
            r#"{"model":"Issue","variant":"v1","until_cursor":"zzz"}"#.to_owned(),
        ]
    );
}
