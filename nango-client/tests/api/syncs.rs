//! Running, pausing and watching syncs.

use std::time::Duration;

use nango_client::{ConnectionKey, ErrorKind, Reset, SyncName, SyncState, Syncs, Waited};

use crate::canned::{Answer, Canned, ok};

const MINUTE: Duration = Duration::from_secs(60);

fn github() -> ConnectionKey {
    ConnectionKey::new("github", "a/b")
}

fn found() -> Answer {
    ok(r#"{"success":true}"#)
}

/// Returns the status of syncs: name, state, and second of the end of the last run.
fn status(syncs: &[(&str, &str, Option<u8>)]) -> Answer {
    let entry = |(name, state, end): &(&str, &str, Option<u8>)| {
        let end =
            end.map(|end| format!(r#""finishedAt":"2026-11-28T01:00:{end:02}.000Z","#)).unwrap_or_default();
        format!(
            r#"{{"id":"id-{name}","connection_id":"a/b","type":"INITIAL",{end}"nextScheduledSyncAt":null,"name":"{name}",
            "variant":"base","status":"{state}","frequency":"every hour","latestResult":{{"A":{{"added":1,"deleted":0,"updated":2}}}},
            "latestExecutionStatus":"SUCCESS","recordCount":{{"A":3}},"checkpoint":{{"page":2}}}}"#
        )
    };
    ok(format!(r#"{{"syncs":[{}]}}"#, syncs.iter().map(entry).collect::<Vec<_>>().join(",")))
}

#[tokio::test]
async fn every_call_names_connection_and_syncs() {
    let (client, nango) = Canned::new([
        found(),
        found(),
        found(),
        ok(r#"{"frequency":"12h"}"#),
        ok(r#"{"id":"1","name":"issues","variant":"v1"}"#),
        found(),
        found(),
        status(&[]),
    ]);
    let syncs = client.syncs(&github());
    syncs.start(Syncs::All).await.unwrap();
    syncs.pause(Syncs::these(["issues", "issues::v1"])).await.unwrap();
    syncs.trigger("issues").reset(Reset::KeepRecords).send().await.unwrap();
    let frequency = syncs.set_frequency(&"issues".into(), Some("every half day")).await.unwrap();
    assert_eq!(frequency.frequency, "12h");
    syncs.create_variant(&SyncName::new("issues").variant("v1")).await.unwrap();
    syncs.delete_variant(&"issues::v1".into()).await.unwrap();
    let all = client.syncs_of_all_connections("github");
    all.trigger(Syncs::All).send().await.unwrap();
    all.status(Syncs::these(["issues", "issues::v1"])).await.unwrap();
    let request = |line: &str, body: &str| (line.to_owned(), body.to_owned());
    let target = r#""provider_config_key":"github","connection_id":"a/b""#;
    assert_eq!(
        nango.requests(),
        [
            request("POST /sync/start", &format!(r#"{{"syncs":[],{target}}}"#)),
            request(
                "POST /sync/pause",
                &format!(r#"{{"syncs":["issues",{{"name":"issues","variant":"v1"}}],{target}}}"#)
            ),
            request(
                "POST /sync/trigger",
                &format!(r#"{{{target},"syncs":["issues"],"opts":{{"reset":true,"emptyCache":false}}}}"#)
            ),
            request(
                "PUT /sync/update-connection-frequency",
                &format!(
                    r#"{{"sync_name":"issues","sync_variant":"base","frequency":"every half day",{target}}}"#
                )
            ),
            request("POST /sync/issues/variant/v1", &format!("{{{target}}}")),
            request("DELETE /sync/issues/variant/v1", &format!("{{{target}}}")),
            request("POST /sync/trigger", r#"{"provider_config_key":"github","syncs":[]}"#),
            request("GET /sync/status?syncs=issues%2Cissues%3A%3Av1&provider_config_key=github", ""),
        ]
    );
}

#[tokio::test]
async fn an_empty_list_and_names_that_nango_does_not_allow_are_not_sent() {
    let (client, nango) = Canned::new([]);
    let syncs = client.syncs(&github());
    for bad in [Syncs::these(Vec::<SyncName>::new()), "a,b".into(), "".into(), "a::".into(), "a/b".into()] {
        for error in [
            syncs.start(bad.clone()).await.unwrap_err(),
            syncs.trigger(bad.clone()).send().await.unwrap_err(),
            syncs.status(bad.clone()).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
        }
    }
    assert!(syncs.create_variant(&"a::../b".into()).await.is_err());
    assert!(nango.requests().is_empty());
}

#[tokio::test]
async fn a_status_keeps_every_field() {
    let (client, _) = Canned::new([status(&[("issues", "MELTED", Some(7))])]);
    let found = client.syncs(&github()).status(Syncs::All).await.unwrap();
    let [sync] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (sync.status.as_str(), sync.latest_result["A"].updated, sync.record_count["A"]),
        ("MELTED", 2, 3)
    );
    assert_eq!(sync.checkpoint.as_ref().unwrap()["page"], 2);
    assert_eq!(sync.sync_name(), SyncName::new("issues").variant("base"));
    assert!(sync.extra.is_empty() && !format!("{sync:?}").contains("a/b"));
}

#[tokio::test]
async fn a_connection_that_does_not_exist_is_not_found() {
    let body = r#"{"error":{"code":"invalid_body","message":"Connection not found"}}"#;
    let (client, _) = Canned::new([Some((400, body.to_owned()))]);
    let error = client.syncs(&github()).status(Syncs::All).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_waited_for_after_the_one_that_was_active() {
    let (client, nango) = Canned::new([
        status(&[("a", "RUNNING", None), ("b", "PAUSED", Some(1))]),
        status(&[("a", "SUCCESS", Some(2)), ("b", "PAUSED", Some(1))]),
        found(),
        status(&[("a", "SUCCESS", Some(2)), ("b", "RUNNING", None)]),
        Some((503, String::new())),
        status(&[("a", "RUNNING", None), ("b", "PAUSED", Some(3))]),
        status(&[("a", "ERROR", Some(4)), ("b", "PAUSED", Some(3))]),
    ]);
    let runs = client.syncs(&github()).trigger(Syncs::All).run(MINUTE).await.unwrap();
    let names: Vec<_> = runs.ended.iter().map(|sync| (&*sync.name, sync.status.clone())).collect();
    assert_eq!(names, [("a", SyncState::Error), ("b", SyncState::Paused)]);
    assert!(runs.pending.is_empty());
    let triggers = nango.requests().iter().filter(|(line, _)| line.starts_with("POST")).count();
    assert_eq!((nango.requests().len(), triggers), (7, 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_end_is_pending_when_the_time_is_over() {
    let running = || status(&[("a", "RUNNING", None), ("b", "SUCCESS", Some(2))]);
    let before = status(&[("a", "SUCCESS", Some(1)), ("b", "SUCCESS", Some(1))]);
    let (client, _) = Canned::new([before, found()].into_iter().chain((0..99).map(|_| running())));
    let began = tokio::time::Instant::now();
    let runs = client.syncs(&github()).trigger(Syncs::All).run(MINUTE).await.unwrap();
    let names =
        |syncs: &[nango_client::SyncStatus]| syncs.iter().map(|sync| sync.name.clone()).collect::<Vec<_>>();
    assert_eq!((names(&runs.ended), names(&runs.pending)), (vec!["b".to_owned()], vec!["a".to_owned()]));
    assert!(began.elapsed() >= MINUTE && began.elapsed() < MINUTE * 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_triggered_while_another_run_does_not_end_but_a_reset_ends_it() {
    let running = || status(&[("a", "RUNNING", None)]);
    let (client, nango) = Canned::new((0..99).map(|_| running()));
    let runs = client.syncs(&github()).trigger("a").run(MINUTE).await.unwrap();
    assert_eq!((runs.ended.len(), runs.pending.len()), (0, 1));
    assert!(nango.requests().iter().all(|(line, _)| line.starts_with("GET")));

    let (client, _) = Canned::new([running(), found(), status(&[("a", "SUCCESS", Some(1))])]);
    let syncs = client.syncs(&github());
    assert_eq!(syncs.trigger("a").reset(Reset::ClearRecords).run(MINUTE).await.unwrap().ended.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_condition_the_time_or_a_failure_that_stays() {
    let wait = async |answers: Vec<Answer>| {
        let (client, _) = Canned::new(answers);
        let is_paused =
            |found: &[nango_client::SyncStatus]| found.iter().all(|sync| sync.status == SyncState::Paused);
        client.syncs(&github()).wait_until(Syncs::All, MINUTE, is_paused).await
    };
    let (active, paused) = (|| status(&[("a", "SUCCESS", None)]), || status(&[("a", "PAUSED", None)]));
    assert!(
        matches!(wait(vec![active(), None, paused()]).await, Ok(Waited::Done(found)) if found.len() == 1)
    );
    assert_eq!(wait((0..99).map(|_| active()).collect()).await.unwrap(), Waited::TimedOut);
    let unavailable = wait((0..99).map(|_| None).collect()).await.unwrap_err();
    assert_eq!(unavailable.kind(), ErrorKind::Unavailable);
    let refused = r#"{"error":{"code":"unknown_account"}}"#.to_owned();
    assert_eq!(wait(vec![Some((401, refused))]).await.unwrap_err().kind(), ErrorKind::Unauthorized);
}
