//! `status`, `list` and `show`: what they show, and that they change nothing.

use nango_core::QueueDepth;
use serde_json::{Value, json};

use crate::app::{App, event, forwarded, synced};
use crate::on_each_database;

on_each_database! {
    a_dead_letter_is_shown_and_its_body_on_demand
    an_event_of_a_newer_version_is_unreadable_and_shown
    dead_letters_are_listed_in_pages
    events_are_counted
    the_oldest_dead_letters_are_named
}

async fn events_are_counted(app: App) {
    let output = app.run(&[]).await;
    assert_eq!(output.text, "       0  waiting\n       0  claimed\n       0  dead letters\n");
    assert_eq!(app.run(&["list"]).await.text, "no dead letters\n");
    assert_eq!(app.run(&["list", "--json"]).await.json(), json!({"deadLetters": [], "next": null}));
    assert_eq!(app.run(&["--fail-if-dead"]).await.code, Some(0));

    let key = app.dead(&forwarded(), "it never works").await;
    app.push(&forwarded()).await;
    app.queue.claim(1).await.unwrap();
    app.push(&forwarded()).await;
    app.push(&synced()).await;
    let output = app.run(&["status"]).await;
    let counts = "       2  waiting\n       1  claimed\n       1  dead letter\n";
    assert!(output.text.starts_with(&format!("{counts}\nkey ")), "{}", output.text);
    assert!(output.text.contains(&key), "{}", output.text);
    assert_eq!((output.code, output.errors.as_str()), (Some(0), ""));
    for arguments in [&["--fail-if-dead"][..], &["status", "--fail-if-dead"]] {
        let output = app.run(arguments).await;
        assert_eq!((output.code, output.errors.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(output.text.starts_with(counts));
    }
    let misplaced = app.run(&["--fail-if-dead", "list"]).await;
    assert_eq!(misplaced.code, Some(2), "it would have no effect");
    let value = app.run(&["--json"]).await.json();
    assert_eq!((&value["waiting"], &value["claimed"], &value["dead"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(value["oldest"][0]["key"], json!(key));
    assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(2, 1, 1));
}

async fn the_oldest_dead_letters_are_named(app: App) {
    let mut keys = Vec::new();
    for _ in 0..7 {
        keys.push(app.dead(&forwarded(), "no").await);
    }
    let output = app.run(&["status"]).await;
    assert!(output.text.contains("       7  dead letters\n\nthe oldest of these:\nkey "), "{}", output.text);
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(output.text.contains(key), number < 5, "{number}: {}", output.text);
    }
}

async fn dead_letters_are_listed_in_pages(app: App) {
    let mut keys = Vec::new();
    for number in 0..60 {
        let reason = format!("failure {number}\n\u{1b}[2Jof the \"app\"");
        let event = if number % 2 == 0 { forwarded() } else { synced() };
        keys.push(app.dead(&event, &reason).await);
    }
    let letters = app.queue.dead_letters(None, 2).await.unwrap();
    let since = |number: usize| format!("{}Z", &letters[number].since.to_string()[..19]);
    let output = app.run(&["list"]).await;
    let lines: Vec<_> = output.text.lines().collect();
    let head = "key                               since                 kind     integration  failures  deaths  reason";
    let (one, two) = (since(0), since(1));
    let first = format!("{}  {one}  forward  github-prod         7       0  ", keys[0]);
    let second = format!("{}  {two}  sync     zendesk             7       0  ", keys[1]);
    assert_eq!(lines[0], head);
    assert_eq!(lines[1], first + r#"failure 0\n\u{1b}[2Jof the "app""#);
    assert_eq!(lines[2], second + r#"failure 1\n\u{1b}[2Jof the "app""#);
    let listed: Vec<_> = lines[1..].iter().map(|line| &line[..32]).collect();
    assert_eq!(listed, keys, "all, once each, and nothing after them");

    let page = app.run(&["list", "--limit", "3", "--after", &keys[1]]).await.text;
    let lines: Vec<_> = page.lines().skip(1).collect();
    assert_eq!([&lines[0][..32], &lines[1][..32], &lines[2][..32]], keys[2..5]);
    assert_eq!(lines[3..], ["", &format!("there are more: --after {}", keys[4])]);
    let exactly = app.run(&["list", "--limit", "60"]).await.text;
    assert!(!exactly.contains("there are more"), "{exactly}");
    assert_eq!(app.run(&["list", "--limit", "0"]).await.code, Some(2));

    let value = app.run(&["--json", "list", "--limit", "55"]).await.json();
    let listed = value["deadLetters"].as_array().unwrap();
    assert_eq!((listed.len(), &value["next"]), (55, &json!(keys[54])));
    let expected = json!({"key": keys[0], "since": letters[0].since.to_string(), "readable": true, "kind": "forward",
        "integration": "github-prod", "failures": 7, "deaths": 0, "reason": letters[0].reason});
    assert_eq!(listed[0], expected);
    let rest = app.run(&["--json", "list", "--after", &keys[54]]).await.json();
    assert_eq!((rest["deadLetters"].as_array().unwrap().len(), &rest["next"]), (5, &Value::Null));
}

async fn a_dead_letter_is_shown_and_its_body_on_demand(app: App) {
    let synced = synced();
    let key = app.dead(&synced, "it failed\r\nin \u{202e}two lines").await;
    let letter = app.queue.dead_letters(None, 1).await.unwrap().remove(0);
    let (received, since) = (synced.received_at(), letter.since);
    let before =
        format!("key          {key}\nsince        {since}\nreceived     {received}\nkind         sync\n");
    let after = format!(
        "sync         tickets\nvariant      base\nmodel        Ticket\nbody         {} bytes\nfingerprint  {}\n\
         failures     7\ndeaths       0\nreason       it failed\n             in \\u{{202e}}two lines\n",
        synced.body().len(),
        synced.fingerprint(),
    );
    let body = std::str::from_utf8(synced.body()).unwrap();
    let output = app.run(&["show", &key]).await;
    assert_eq!(output.text, format!("{before}integration  zendesk\n{after}"));
    assert_eq!(output.code, Some(0));
    let ids = "integration  zendesk\nconnection   c0ffee-2\n";
    let output = app.run(&["show", &key, "--body"]).await;
    assert_eq!(output.text, format!("{before}{ids}{after}\n{body}\n"));
    let mut value = app.run(&["show", &key, "--json"]).await.json();
    assert_eq!(value["model"], json!("Ticket"));
    assert_eq!(value["reason"], json!(letter.reason));
    value["body"] = body.into();
    value["connectionId"] = "c0ffee-2".into();
    assert_eq!(app.run(&["show", &key, "--json", "--body"]).await.json(), value);

    let odd = event(b"{\"type\":\"forward\",\"from\":\"x\",\"connectionId\":\"c0ffee\",\"providerConfigKey\":\"p\",\"p\":\"s3cret\xff\x7f\"}");
    assert!(std::str::from_utf8(odd.body()).is_err());
    let odd = app.dead(&odd, "").await;
    let value = app.run(&["show", &odd, "--json", "--body"]).await.json();
    assert!(value["bodyBase64"].as_str().unwrap().starts_with("eyJ0eXBlIjoi"), "{value}");
    let text = app.run(&["show", &odd, "--body"]).await.text;
    assert!(text.contains("s3cret\u{fffd}\\u{7f}\"}"), "{text}");

    let waiting = app.push(&forwarded()).await;
    for key in [&waiting, "0", "x\u{1b}[2J"] {
        let output = app.run(&["show", key]).await;
        assert_eq!((output.code, output.text.as_str()), (Some(1), ""));
        assert!(output.errors.starts_with("nango-rs: no dead letter has the key "), "{}", output.errors);
    }
}

async fn an_event_of_a_newer_version_is_unreadable_and_shown(app: App) {
    let key = app.dead(&forwarded(), "it cannot be read").await;
    app.renew(&key).await;
    let line = app.run(&["list"]).await.text;
    assert!(line.contains("  unreadable  -            "), "{line}");
    assert!(line.ends_with("  it cannot be read\n"), "{line}");
    let value = app.run(&["list", "--json"]).await.json()["deadLetters"][0].clone();
    assert_eq!(
        (&value["readable"], &value["kind"], &value["integration"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
    let text = app.run(&["show", &key]).await.text;
    assert!(text.contains("\nkind         unreadable: written by a newer version"), "{text}");
    let stored = app.queue.dead_letters(None, 1).await.unwrap().remove(0).event;
    assert!(stored.contains("\"format\":2"));
    let text = app.run(&["show", &key, "--body"]).await.text;
    assert!(text.ends_with(&format!("\n\n{stored}\n")), "{text}");
    assert_eq!(app.run(&["show", &key, "--body", "--json"]).await.json()["stored"], json!(*stored));
}
