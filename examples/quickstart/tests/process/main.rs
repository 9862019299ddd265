//! Starts, kills and restarts the program, on each of its databases.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

mod attacks;
mod databases;
mod events;
mod files;
mod program;
mod settings;

use std::time::Duration;

use nango_core::{ConnectionKey, Owner, TagMapper};
use nango_emulator::{Credentials, Delivery, Emulator};
use nango_tests::{eventually, http, nango_builder, send};
use serde_json::Value;

use crate::databases::Home;
use crate::events::{an_event_is_listed_for_its_owner_alone, events_wait_for_a_process_that_handles_them};
use crate::program::{free_port, login, refused, start};

macro_rules! on_each_database {
    ($($name:ident($($argument:expr),*);)*) => {
        mod sqlite {
            $(on_each_database! { @test $name(crate::databases::sqlite().await $(, $argument)*) })*
        }
        mod postgres {
            $(on_each_database! {
                @test #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set, or the feature postgres is off")]
                $name(crate::databases::postgres().await $(, $argument)*)
            })*
        }
        mod pooled {
            $(on_each_database! {
                @test #[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set, or the feature postgres is off")]
                $name(crate::databases::pooled().await $(, $argument)*)
            })*
        }
        mod mysql {
            $(on_each_database! {
                @test #[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set, or the feature mysql is off")]
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
    a_connection_made_during_a_downtime_is_found();
    acknowledged_deliveries_survive_a_kill();
    an_event_is_listed_for_its_owner_alone();
    connections_at_an_embedded_nango_survive_a_restart();
    events_wait_for_a_process_that_handles_them();
}

async fn a_connection_made_during_a_downtime_is_found(home: Home) {
    let port = free_port();
    let (emulator, environment) = emulator(port).await;
    let app = start(&home, port, 1, &environment);
    let alice = login(&app, "alice").await;
    let token = alice.session_token("").await;
    app.kill();

    let made = emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    assert!(emulator.wait_for_deliveries(Duration::from_secs(15)).await);
    assert!(
        emulator.deliveries()[0].attempts.iter().all(|attempt| attempt.status.is_none()),
        "the webhook is lost"
    );

    let restarted = start(&home, port, 1, &environment);
    assert!(alice.connections("/nango").await.is_empty(), "the cookie is valid after a restart");
    let list = alice.get("/nango/connections?sync=true").await.json();
    assert_eq!(list[0]["integration"], "slack");
    assert_eq!(alice.connections("/nango").await.len(), 1);

    restarted.kill();
    let log = [app.log(), restarted.log()].concat();
    assert!(log.iter().any(|line| line.contains("TRACE")));
    let secrets = [
        ("the API key", emulator.secret_key().to_owned()),
        ("the signing key", emulator.signing_key()),
        ("a connection id", made.connection_id),
        ("a session token", token),
        ("an e-mail address", "alice@acme".to_owned()),
    ];
    for (what, secret) in secrets {
        let line = log.iter().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{what} is in the log");
    }
}

async fn connections_at_an_embedded_nango_survive_a_restart(home: Home) {
    let (port, emulator) = (free_port(), free_port());
    let app = start(&home, port, emulator, &[]);
    let alice = login(&app, "alice").await;
    let token = alice.session_token("").await;
    let connect =
        format!("http://127.0.0.1:{emulator}/api-auth/api-key/openai?connect_session_token={token}");
    let request = http().post(connect).header("content-type", "application/json");
    assert_eq!(send(request.body(r#"{"apiKey":"sk-test"}"#)).await.unwrap().status, 200);
    let is_listed = async || !alice.connections("/nango").await.is_empty();
    eventually(Duration::from_secs(10), "a webhook", is_listed).await;
    let before = alice.connections("/nango").await;
    app.kill();

    let _restarted = start(&home, port, emulator, &[]);
    assert_eq!(alice.connections("/nango").await, before, "in the store");
    let synced = alice.get("/nango/connections?sync=true").await.json();
    assert_eq!(synced[0]["handle"], before[0]["handle"], "at Nango");
}

/// Starts an emulator for an app on this port; returns the app's environment, too.
async fn emulator(port: u16) -> (Emulator, [(&'static str, String); 3]) {
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
    (emulator, environment)
}

/// Kills the app in the middle of a storm of deliveries, again and again, then reads its database.
async fn acknowledged_deliveries_survive_a_kill(home: Home) {
    const STORM: usize = 8;

    // A database server is not killed with the app, so fewer kills will do.
    let kills = if home.has_server() { 15 } else { 50 };
    let port = free_port();
    let (emulator, environment) = emulator(port).await;
    let environment = [environment.as_slice(), &[("RUST_LOG", "off".to_owned())]].concat();
    for round in 0..kills {
        let app = start(&home, port, 1, &environment);
        let token = emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
        for _ in 0..STORM {
            emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        }
        // From before the first delivery is handled to after the last.
        tokio::time::sleep(Duration::from_millis(round * 3 % 100)).await;
        app.kill();
    }
    assert!(emulator.wait_for_deliveries(Duration::from_secs(60)).await);

    let store = home.store().await;
    let deliveries = emulator.deliveries();
    let mut acknowledged = 0;
    for delivery in &deliveries {
        if delivery.attempts.iter().any(|attempt| attempt.status == Some(200)) {
            let body: Value = serde_json::from_str(&delivery.body).unwrap();
            let key = ConnectionKey::new("openai", body["connectionId"].as_str().unwrap());
            let row = store.get(&[key]).await.unwrap().remove(0).expect("acknowledged and lost");
            assert!(!row.removed || row.look_again_at.is_some(), "neither the effect nor the mark");
            acknowledged += 1;
        }
    }
    // Of those that a kill cut off, a retry may have reached the restarted app.
    let was_cut_off =
        |delivery: &&Delivery| delivery.attempts.iter().any(|attempt| attempt.status != Some(200));
    let cut_off = deliveries.iter().filter(was_cut_off).count();
    assert!(
        acknowledged > 0 && cut_off > 0,
        "{acknowledged} acknowledged, {cut_off} cut off: the kills were too early or too late"
    );

    let nango = nango_builder(&emulator, store).entity::<User>().build().unwrap();
    let _ = nango.sweep().run().await.unwrap();
    let all = usize::try_from(kills).unwrap() * STORM;
    assert_eq!(nango.connections(&Owner::new("user", "alice")).await.unwrap().len(), all);
    println!("{acknowledged} of {} deliveries were acknowledged before a kill", deliveries.len());
}

/// The app's users, as far as the library knows them.
#[derive(TagMapper)]
struct User {
    #[nango(id)]
    _id: String,
}

#[test]
fn an_unusable_database_is_named_without_its_password() {
    for (database, says) in [
        (
            "redis://me:secret@localhost/0",
            "sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME",
        ),
        (
            "sqlite:///no/such/folder/app.db",
            "create the file or its folder, and let this program write there",
        ),
        #[cfg(feature = "postgres")]
        (
            "postgres://me:secret@127.0.0.1:1/app",
            "postgres://me@127.0.0.1:1/app: could not connect to the database",
        ),
        #[cfg(feature = "mysql")]
        ("mysql://me:secret@127.0.0.1:1/app", "connection refused; is the server running there"),
    ] {
        assert_refused(database, says);
    }
}

#[test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set, or the feature postgres is off")]
fn a_missing_database_on_postgres_is_named() {
    let database = databases::missing("NANGO_TEST_POSTGRES_URL");
    assert_refused(&database, "the database does not exist");
    assert_refused(&database, "create it, or correct its name in the URL");
}

#[test]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set, or the feature mysql is off")]
fn a_missing_database_on_mysql_is_named() {
    let database = databases::missing("NANGO_TEST_MYSQL_URL");
    assert_refused(&database, "the database does not exist");
}

fn assert_refused(database: &str, says: &str) {
    let output = refused(database);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(error.contains(says), "{error}");
    let password = database.split_once('@').and_then(|(user, _)| user.rsplit_once(':'));
    if let Some((_, password)) = password.filter(|(_, password)| !password.is_empty()) {
        // A user name that equals the password may be shown.
        let shown = error.replace(&format!("//{password}@"), "");
        assert!(!shown.contains(&format!(":{password}@")) && !shown.contains("secret"), "{error}");
    }
}
