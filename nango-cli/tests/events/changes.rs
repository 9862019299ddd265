//! `replay` and `drop`.

use std::sync::atomic::{AtomicBool, Ordering};

use nango_core::QueueDepth;
use serde_json::json;

use crate::app::{App, bury, forwarded};
use crate::on_each_database;

on_each_database! {
    all_dead_letters_are_dropped_only_when_confirmed
    all_dead_letters_are_replayed
    an_event_of_a_newer_version_is_replayed_and_dropped
    an_event_that_dies_again_at_once_is_replayed_once
    chosen_dead_letters_are_dropped
    chosen_dead_letters_are_replayed
}

async fn chosen_dead_letters_are_replayed(app: App) {
    let mut keys = Vec::new();
    for _ in 0..4 {
        keys.push(app.dead(&forwarded(), "no").await);
    }
    let output = app.run(&["replay", &keys[1], &keys[2], &keys[1]]).await;
    assert_eq!((output.code, output.text.as_str(), output.errors.as_str()), (Some(0), "2 replayed\n", ""));
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(2, 0, 2));
    let claims = app.queue.claim(10).await.unwrap();
    assert!(claims.iter().all(|claim| claim.failures == 0 && keys[1..3].contains(&claim.key)), "{claims:?}");

    let output = app.run(&["replay", &keys[1], "x\u{1b}", &keys[0]]).await;
    assert_eq!((output.code, output.text.as_str()), (Some(1), "1 replayed\n"), "the others are replayed");
    let unknown = |key: &str| {
        format!("nango-rs: no dead letter has the key {key}; `nango-rs events list` has the keys\n")
    };
    assert_eq!(output.errors, unknown(&keys[1]) + &unknown("x\\u{1b}"));
    let output = app.run(&["replay", &keys[3], "x", "--json"]).await;
    assert_eq!((output.code, output.json()), (Some(1), json!({"replayed": 1, "unknown": ["x"]})));
    for arguments in [&["replay"][..], &["replay", "--all", "x"]] {
        assert_eq!(app.run(arguments).await.code, Some(2), "{arguments:?}");
    }
}

async fn chosen_dead_letters_are_dropped(app: App) {
    let (first, second) = (app.dead(&forwarded(), "no").await, app.dead(&forwarded(), "no").await);
    let waiting = app.push(&forwarded()).await;
    let output = app.run(&["drop", &first]).await;
    assert_eq!((output.code, output.text.as_str()), (Some(0), "1 dropped\n"));
    let output = app.run(&["drop", &waiting, &first, "--json"]).await;
    assert_eq!((output.code, &output.json()["dropped"]), (Some(1), &json!(0)), "no other event is dropped");
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(1, 0, 1));
    assert_eq!(app.queue.dead_letters(None, 9).await.unwrap().remove(0).key, second);
}

async fn all_dead_letters_are_replayed(app: App) {
    for _ in 0..120 {
        app.push(&forwarded()).await;
    }
    app.bury("no").await;
    app.push(&forwarded()).await;
    let output = app.run(&["replay", "--all"]).await;
    assert_eq!((output.code, output.text.as_str(), output.errors.as_str()), (Some(0), "120 replayed\n", ""));
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(121, 0, 0));
    assert_eq!(app.run(&["replay", "--all"]).await.text, "0 replayed\n");
}

async fn an_event_that_dies_again_at_once_is_replayed_once(app: App) {
    for _ in 0..120 {
        app.push(&forwarded()).await;
    }
    app.bury("no").await;
    let is_over = AtomicBool::new(false);
    let worker = async {
        let mut deaths = 0;
        while !is_over.load(Ordering::Relaxed) {
            deaths += bury(&*app.queue, "no").await;
            tokio::task::yield_now().await;
        }
        deaths + bury(&*app.queue, "no").await
    };
    let command = async {
        let output = app.run(&["replay", "--all"]).await;
        is_over.store(true, Ordering::Relaxed);
        output
    };
    let (deaths, output) = tokio::join!(worker, command);
    assert_eq!((output.code, output.text.as_str()), (Some(0), "120 replayed\n"));
    assert_eq!((deaths, app.queue.depth().await.unwrap()), (120, QueueDepth::new(0, 0, 120)));
}

async fn all_dead_letters_are_dropped_only_when_confirmed(app: App) {
    for _ in 0..60 {
        app.push(&forwarded()).await;
    }
    app.bury("no").await;
    app.push(&forwarded()).await;
    for arguments in [&["drop", "--all"][..], &["drop"], &["drop", "--yes"], &["drop", "--all", "--yes", "x"]]
    {
        assert_eq!(app.run(arguments).await.code, Some(2), "{arguments:?}");
    }
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(1, 0, 60));
    let output = app.run(&["drop", "--all", "--yes"]).await;
    assert_eq!((output.code, output.text.as_str()), (Some(0), "60 dropped\n"));
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
}

async fn an_event_of_a_newer_version_is_replayed_and_dropped(app: App) {
    let (first, second) = (app.dead(&forwarded(), "no").await, app.dead(&forwarded(), "no").await);
    for key in [&first, &second] {
        app.renew(key).await;
    }
    assert_eq!(app.run(&["replay", &first]).await.text, "1 replayed\n");
    assert_eq!(app.run(&["drop", &second]).await.text, "1 dropped\n");
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    assert!(app.queue.claim(1).await.unwrap()[0].event.contains("\"format\":2"));
}
