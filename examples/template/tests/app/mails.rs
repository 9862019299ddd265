//! Mails about broken connections.

use app_template::{Config, Mailer, open};
use serde_json::json;

use crate::needs_postgres;
use crate::rig::{Rig, eventually, rows};

needs_postgres! {
    async fn a_revoked_connection_is_mailed_about_once_and_reconnected() {
        let rig = Rig::start().await;
        let alice = rig.browser("alice").await;
        let (connection, row) = rig.connect_slack(&alice).await;
        let handle = row["handle"].as_str().unwrap();
        rig.emulator.revoke("slack", &connection).await.unwrap();
        let check = format!("/nango/connections/{handle}/check");
        eventually("a proof", async || {
            alice.post(&check, &json!({})).await.json()["health"] == "needs_reconnect"
        })
        .await;
        eventually("a mail", async || !rig.mails.messages().await.is_empty()).await;
        // What the sweeper does each second, and a further look.
        for _ in 0..3 {
            let _ = rig.running.nango().drain().await.unwrap();
            assert_eq!(alice.get("/nango/connections?sync=true").await.status, 200);
        }
        rig.running.nango().settled().await;
        let mails = rig.mails.messages().await;
        assert_eq!(mails.len(), 1);
        let (envelope, text) = &mails[0];
        assert_eq!(envelope.to().iter().map(ToString::to_string).collect::<Vec<_>>(), ["alice@example.com"]);
        assert!(text.contains("Subject: Please reconnect Slack") && text.contains(&format!("{}/", rig.url)));
        assert!(!text.contains(&connection));

        // As if the process had died before it noted that the handler has returned: it is called again.
        let pool = open(&rig.database.url()).await.unwrap();
        sqlx::query("UPDATE nango_connections SET announced = FALSE").execute(&pool).await.unwrap();
        let is_announced = async || {
            let _ = rig.running.nango().drain().await.unwrap();
            let row = sqlx::query_as("SELECT announced FROM nango_connections").fetch_one(&pool).await;
            let (announced,): (bool,) = row.unwrap();
            announced
        };
        eventually("a second notification", is_announced).await;
        assert_eq!(rig.mails.messages().await.len(), 1);
        pool.close().await;

        let (again, _) = rig.connect(&alice, "/nango/reconnect-token", &json!({"handle": handle})).await;
        assert_eq!(again.connection_id, connection);
        eventually("health", async || rows(&alice).await[0]["health"] == "healthy").await;
        rig.running.nango().settled().await;
        assert_eq!(rig.mails.messages().await.len(), 1, "a recovery is no reason for a mail");
        rig.running.stop().await;
    }
}

#[test]
fn an_address_of_a_server_that_is_none_is_not_quoted() {
    let config = |name: &str| {
        Some(match name {
            "PUBLIC_URL" => "http://localhost:3000".to_owned(),
            "SMTP_URL" => "s3cret://s3cret".to_owned(),
            "MAIL_FROM" => "app@example.com".to_owned(),
            "LISTEN" | "MIGRATE" => return None,
            _ => "x".to_owned(),
        })
    };
    let error = Mailer::smtp(&Config::read(config).unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("SMTP_URL is not valid") && !error.contains("s3cret"), "{error}");
}
