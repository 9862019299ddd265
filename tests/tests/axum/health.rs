//! The health of a connection, from failures as Nango has them.

use nango_core::{Health, OwnedConnection};
use nango_tests::{App, User};

async fn health(app: &App) -> Health {
    app.nango.connection(&User::named("alice").unwrap(), "openai").await.unwrap().health()
}

async fn revoke(app: &App, connection: &OwnedConnection) {
    let key = connection.key();
    app.emulator.revoke(key.integration(), key.connection_id()).await.unwrap();
    app.settled().await;
}

#[tokio::test]
async fn refreshes_that_fail_together_bother_no_person() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-1").await;
    revoke(&app, &connection).await;
    revoke(&app, &connection).await;
    assert_eq!(health(&app).await, Health::Degraded);
    app.emulator.restore("openai", connection.key().connection_id()).await.unwrap();
    assert_eq!(connection.check().await.unwrap().health(), Health::Healthy);
}

#[tokio::test]
async fn a_check_of_a_failed_api_key_says_what_is_to_be_said() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-1").await;
    revoke(&app, &connection).await;
    assert_eq!(health(&app).await, Health::Degraded);
    // Nango does not test the key again, so that a later check would find the same.
    assert_eq!(connection.check().await.unwrap().health(), Health::NeedsReconnect);
}
