//! The program as people start and stop it, on each of its databases.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "process/app.rs"]
mod app;
#[path = "process/databases.rs"]
mod databases;

use std::time::Duration;

use nango_core::{ConnectionRef, Nango, Owner, SigningKeys, TagMapper};
use nango_emulator::{Credentials, Emulator};
use serde_json::Value;

use crate::app::{App, free_port, refused};
use crate::databases::Home;

macro_rules! on_each_database {
    ($($name:ident($($argument:expr),*);)*) => {
        mod sqlite {
            $(on_each_database! { @test $name(crate::databases::sqlite() $(, $argument)*) })*
        }
        mod postgres {
            $(on_each_database! {
                @test #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
                $name(crate::databases::postgres().await $(, $argument)*)
            })*
        }
        mod mysql {
            $(on_each_database! {
                @test #[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
                $name(crate::databases::mysql().await $(, $argument)*)
            })*
        }
    };
    (@test $(#[$attribute:meta])* $name:ident($($argument:expr),*)) => {
        #[tokio::test(flavor = "multi_thread")]
        $(#[$attribute])*
        async fn $name() {
            crate::$name($($argument),*).await;
        }
    };
}

on_each_database! {
    a_connection_made_while_the_app_was_down_is_found();
    with_a_nango_of_its_own_connections_survive_a_restart();
    what_was_acknowledged_before_a_kill_is_in_the_database();
}

async fn a_connection_made_while_the_app_was_down_is_found(home: Home) {
    let port = free_port();
    let emulator = Emulator::builder()
        .listen("127.0.0.1:0")
        .webhook_url(format!("http://127.0.0.1:{port}/nango/webhook"))
        .start()
        .await
        .unwrap();
    let environment = [
        ("NANGO_SECRET_KEY", emulator.secret_key().to_owned()),
        ("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key()),
        ("NANGO_HOST", emulator.local_url().to_owned()),
    ];
    let app = App::start(&home, port, 1, &environment);
    let cookie = app.login("alice").await;
    let token = app.session_token(&cookie).await;
    let log = app.kill();

    let made = emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    assert!(emulator.deliveries_settled(Duration::from_secs(15)).await);
    assert!(
        emulator.deliveries()[0].attempts.iter().all(|attempt| attempt.status.is_none()),
        "the webhook is lost"
    );

    let app = App::start(&home, port, 1, &environment);
    assert_eq!(
        app.get(&cookie, "/nango/connections").await,
        serde_json::json!([]),
        "the cookie is still good"
    );
    let list = app.get(&cookie, "/nango/connections?sync=true").await;
    assert_eq!(list[0]["integration"], "slack");
    assert_eq!(app.get(&cookie, "/nango/connections").await.as_array().unwrap().len(), 1);

    let log = log + &app.kill();
    assert!(log.contains("TRACE"));
    let secrets = [
        ("the API key", emulator.secret_key().to_owned()),
        ("the signing key", emulator.signing_key()),
        ("a connection id", made.connection_id),
        ("a session token", token),
        ("an e-mail address", "alice@acme".to_owned()),
    ];
    for (what, secret) in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{what} is in the log");
    }
}

async fn with_a_nango_of_its_own_connections_survive_a_restart(home: Home) {
    let (port, emulator) = (free_port(), free_port());
    let app = App::start(&home, port, emulator, &[]);
    let cookie = app.login("alice").await;
    let token = app.session_token(&cookie).await;
    let connect =
        format!("http://127.0.0.1:{emulator}/api-auth/api-key/openai?connect_session_token={token}");
    let request =
        app.http.post(connect).header("content-type", "application/json").body(r#"{"apiKey":"sk-test"}"#);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let mut waited = 0;
    while app.get(&cookie, "/nango/connections").await.as_array().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        waited += 1;
        assert!(waited < 500, "no webhook in ten seconds");
    }
    let before = app.get(&cookie, "/nango/connections").await;
    app.kill();

    let app = App::start(&home, port, emulator, &[]);
    assert_eq!(app.get(&cookie, "/nango/connections").await, before, "here");
    assert_eq!(
        app.get(&cookie, "/nango/connections?sync=true").await[0]["handle"],
        before[0]["handle"],
        "and at Nango"
    );
}

/// Kills the app in the middle of a storm of deliveries, again and again, then looks into its database.
async fn what_was_acknowledged_before_a_kill_is_in_the_database(home: Home) {
    const STORM: usize = 8;

    // A server does not die with the app, and has less to lose.
    let kills = if home.has_server() { 15 } else { 50 };
    let port = free_port();
    let emulator = Emulator::builder()
        .listen("127.0.0.1:0")
        .webhook_url(format!("http://127.0.0.1:{port}/nango/webhook"))
        .start()
        .await
        .unwrap();
    let environment = [
        ("NANGO_SECRET_KEY", emulator.secret_key().to_owned()),
        ("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key()),
        ("NANGO_HOST", emulator.local_url().to_owned()),
        ("RUST_LOG", "off".to_owned()),
    ];
    for round in 0..kills {
        let app = App::start(&home, port, 1, &environment);
        let token = emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
        for _ in 0..STORM {
            emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        }
        // From before the first delivery is handled to after the last.
        tokio::time::sleep(Duration::from_millis(round * 3 % 100)).await;
        app.kill();
    }
    assert!(emulator.deliveries_settled(Duration::from_secs(60)).await);

    let store = home.store().await;
    let deliveries = emulator.deliveries();
    let mut acknowledged = 0;
    for delivery in &deliveries {
        if delivery.attempts.iter().any(|attempt| attempt.status == Some(200)) {
            let body: Value = serde_json::from_str(&delivery.body).unwrap();
            let key = ConnectionRef::new("openai", body["connectionId"].as_str().unwrap());
            let row = store.get(&[key]).await.unwrap().remove(0).expect("acknowledged and lost");
            assert!(!row.removed || row.look_again_at.is_some(), "neither the effect nor the mark");
            acknowledged += 1;
        }
    }
    let all = deliveries.len();
    assert!(
        acknowledged > 0 && acknowledged < all,
        "{acknowledged} of {all}: the kills were too early or too late"
    );

    let nango =
        Nango::builder(emulator.secret_key(), SigningKeys::new([emulator.signing_key()]).unwrap(), store)
            .host(emulator.local_url())
            .allowed_integrations(["openai"])
            .entity::<User>()
            .build()
            .unwrap();
    nango.sweep().run().await.unwrap();
    let all = usize::try_from(kills).unwrap() * STORM;
    assert_eq!(nango.connections(&Owner::new("user", "alice")).await.unwrap().len(), all);
    println!("{acknowledged} of {} deliveries were acknowledged before a kill", deliveries.len());
}

/// What the app's users are to the library.
#[derive(TagMapper)]
struct User {
    #[nango(id)]
    _id: String,
}

#[test]
fn what_cannot_be_opened_is_named_without_its_password() {
    for (database, says) in [
        (
            "redis://me:secret@localhost/0",
            "sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME",
        ),
        ("sqlite:///no/such/folder/app.db", "/no/such/folder/app.db: the store cannot be reached"),
        (
            "postgres://me:secret@127.0.0.1:1/app",
            "postgres://me@127.0.0.1:1/app: the store cannot be reached",
        ),
        ("mysql://me:secret@127.0.0.1:1/app", "is the server running there?"),
    ] {
        assert_refused(database, says);
    }
}

#[test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
fn a_database_that_is_missing_on_postgres() {
    let database = databases::missing(&databases::url("NANGO_TEST_POSTGRES_URL"));
    assert_refused(&database, "the database has to be there");
    assert_refused(&database, "does not exist");
}

#[test]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
fn a_database_that_is_missing_on_mysql() {
    let database = databases::missing(&databases::url("NANGO_TEST_MYSQL_URL"));
    assert_refused(&database, "the database has to be there");
}

fn assert_refused(database: &str, says: &str) {
    let output = refused(database);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(error.contains(says), "{error}");
    let password = database.split_once('@').and_then(|(user, _)| user.rsplit_once(':'));
    if let Some((_, password)) = password.filter(|(_, password)| !password.is_empty()) {
        // Who is called as the password has no secret.
        let shown = error.replace(&format!("//{password}@"), "");
        assert!(!shown.contains(&format!(":{password}@")) && !shown.contains("secret"), "{error}");
    }
}
