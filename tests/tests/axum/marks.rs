//! Marks do not hold each other up.

use std::time::{Duration, Instant};

use nango_core::{ConnectionKey, Timestamp};
use nango_emulator::CallFaults;
use nango_tests::{App, User, eventually, sign};

/// Imports connections of alice into the store, of which each is named so.
async fn import(app: &App, name: &str, count: u32) -> Vec<ConnectionKey> {
    let tags = [("end_user_id", "alice"), ("owner_kind", "user")];
    app.emulator.import_many("openai", count, &format!("{name}-{{n}}"), &tags).unwrap();
    app.nango.sync(&User::named("alice").unwrap()).await.unwrap();
    (1..=count).map(|n| ConnectionKey::new("openai", format!("{name}-{n}"))).collect()
}

#[tokio::test]
async fn looks_that_hang_do_not_hold_up_a_good_one() {
    let app = App::start().await;
    let hanging = import(&app, "hanging", 20).await;
    let good = import(&app, "good", 1).await.remove(0);
    app.nango.unscoped_client().delete_connection(&good).await.unwrap();
    app.emulator.fail_calls(CallFaults::delay("/connections/hanging-*", Duration::from_secs(60), u32::MAX));
    app.store.mark(&hanging, Timestamp::now()).await.unwrap();
    app.store.mark(std::slice::from_ref(&good), Timestamp::now()).await.unwrap();

    let began = Instant::now();
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(3_600));
    let is_gone =
        async || app.store.get(std::slice::from_ref(&good)).await.unwrap()[0].as_ref().unwrap().removed;
    eventually(Duration::from_secs(10), "the good one, behind 20 that hang", is_gone).await;
    println!("a good mark behind 20 that hang: {:?}", began.elapsed());
    app.emulator.clear_faults();
    sweeper.stop().await;
}

#[tokio::test]
async fn the_next_look_after_a_failure_is_in_the_row() {
    let app = App::start().await;
    let failing = import(&app, "failing", 1).await.remove(0);
    app.emulator.fail_calls(CallFaults::status("/connections/failing-*", 503, u32::MAX));
    app.store.mark(std::slice::from_ref(&failing), Timestamp::now()).await.unwrap();
    let row = async || app.store.get(std::slice::from_ref(&failing)).await.unwrap().remove(0).unwrap();
    let mut pauses = Vec::new();
    for _ in 0..3 {
        eventually(Duration::from_secs(20), "the look is due", async || {
            row().await.look_again_at.is_some_and(|at| at <= Timestamp::now())
        })
        .await;
        let report = app.nango.drain().await.unwrap();
        assert_eq!((report.due, report.looked, report.deferred), (1, 0, 1));
        assert!(report.nango_unavailable);
        pauses.push(row().await.look_again_at.unwrap().since(Timestamp::now()));
    }
    let seconds = |pause: &Duration| pause.as_secs_f64();
    for (pause, expected) in pauses.iter().map(seconds).zip([1.0, 2.0, 4.0]) {
        let part = pause / expected;
        assert!((0.4..1.3).contains(&part), "{pauses:?}: about 1, 2 and 4 s");
    }
    app.emulator.clear_faults();
    tokio::time::sleep(pauses[2] + Duration::from_secs(1)).await;
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
    assert_eq!(row().await.look_again_at, None);
}

#[tokio::test]
async fn a_mark_during_a_look_neither_fails_the_look_nor_is_lost() {
    let app = App::start().await;
    let key = import(&app, "looked", 1).await.remove(0);
    let connection = app.nango.connection(&User::named("alice").unwrap(), "openai").await.unwrap();
    app.emulator.fail_calls(CallFaults::hold("/connections/looked-*", 1));
    let check = tokio::spawn(async move { connection.check().await });
    let is_held = async || !app.emulator.held_calls().is_empty();
    eventually(Duration::from_secs(3), "the look is under way", is_held).await;
    app.store.mark(std::slice::from_ref(&key), Timestamp::now()).await.unwrap();
    let marked = app.store.get(std::slice::from_ref(&key)).await.unwrap().remove(0).unwrap();
    assert_eq!(app.emulator.release_calls(), 1);

    assert_eq!(check.await.unwrap().unwrap().integration(), "openai");
    let row = app.store.get(std::slice::from_ref(&key)).await.unwrap().remove(0).unwrap();
    assert_ne!(row.version, marked.version, "the look is written");
    assert_eq!(row.look_again_at, marked.look_again_at, "and the mark asks for another one");
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
}

#[tokio::test]
async fn marks_of_unknown_connections_come_last_however_many_there_are() {
    let app = App::start().await;
    let known = import(&app, "known", 1).await.remove(0);
    // As a holder of a signing key makes them, and due before the one that is known.
    app.emulator.fail_calls(CallFaults::status("/connections*", 503, u32::MAX));
    let stranger = app.stranger();
    for n in 0..520 {
        let body = format!(
            r#"{{"type":"auth","from":"nango","operation":"creation","success":true,"connectionId":"unknown-{n}",
            "providerConfigKey":"openai","provider":"openai","authMode":"API_KEY","environment":"dev"}}"#
        );
        assert_eq!(stranger.deliver(&body, &sign(&app.emulator.signing_key(), &body)).await.status, 200);
    }
    app.store.mark(std::slice::from_ref(&known), Timestamp::now()).await.unwrap();
    let due = app.store.pending(Timestamp::now(), 1_000).await.unwrap();
    assert_eq!((due.len(), due.last().map(|row| &row.key)), (521, Some(&known)), "it is due last");

    app.emulator.clear_faults();
    assert!(app.nango.drain().await.unwrap().more);
    let row = app.store.get(std::slice::from_ref(&known)).await.unwrap().remove(0).unwrap();
    assert_eq!(row.look_again_at, None, "the first pass looked at it");
}
