//! Connections and events, from Nango to the rows of their user.

use serde_json::json;

use crate::needs_postgres;
use crate::rig::{Rig, eventually, rows};

needs_postgres! {
    async fn a_connection_is_listed_by_its_webhook_for_its_user_alone() {
        let rig = Rig::start().await;
        let (alice, bob) = (rig.browser("alice").await, rig.browser("bob").await);
        let body = json!({"integrations": ["slack"]});
        let (made, attempt) = rig.connect(&alice, "/nango/session-token", &body).await;
        // No list of the page asks Nango: the row is the webhook's.
        eventually("a row", async || rows(&alice).await.len() == 1).await;
        let row = rows(&alice).await.remove(0);
        assert_eq!((&row["integration"], &row["health"]), (&json!("slack"), &json!("healthy")));
        assert!(!row.to_string().contains(&made.connection_id));
        let path = format!("/nango/attempts/{attempt}");
        assert_eq!(alice.get(&path).await.json()["state"], "connected");

        assert!(rows(&bob).await.is_empty());
        assert_eq!(bob.get(&path).await.status, 404);
        let path = format!("/nango/connections/{}", row["handle"].as_str().unwrap());
        assert_eq!(bob.delete(&path).await.status, 404);
        assert_eq!(alice.delete(&path).await.status, 204);
        assert!(rows(&alice).await.is_empty());
        rig.running.stop().await;
    }

    async fn the_event_of_a_sync_is_handled_for_its_user() {
        let rig = Rig::start().await;
        let (alice, bob) = (rig.browser("alice").await, rig.browser("bob").await);
        let (connection, _) = rig.connect_slack(&alice).await;
        assert_eq!(alice.get("/sync-runs").await.json(), json!([]));
        let records = [json!({"id": "1"}), json!({"id": "2"})];
        rig.emulator.sync("slack", "messages").model("Message").records(records).deploy().unwrap();
        let expected = json!([{"integration": "slack", "model": "Message", "added": 2}]);
        eventually("a run", async || alice.get("/sync-runs").await.json() == expected).await;
        assert_eq!(rig.emulator.records("slack", &connection, "Message").unwrap().list().len(), 2);
        assert_eq!(bob.get("/sync-runs").await.json(), json!([]));
        rig.running.stop().await;
    }

    async fn the_page_has_what_its_script_needs() {
        let rig = Rig::start().await;
        let alice = rig.browser("alice").await;
        let page = alice.get("/").await;
        assert!(page.body.contains(r#"src="/assets/app.js""#) && page.policy.contains("default-src 'none'"));
        assert!(alice.get("/assets/app.js").await.body.contains("/nango/session-token"));
        assert_eq!(alice.get("/assets/style.css").await.status, 200);
        let me = alice.get("/me").await.json();
        assert_eq!(me["integrations"], json!([{"id": "slack", "name": "Slack"}]));
        assert_eq!(me["email"], "alice@example.com");
        // The address that the script opens.
        let connect = format!("{}?session_token=x", me["connectUrl"].as_str().unwrap());
        assert_eq!(reqwest::get(connect).await.unwrap().status(), 200);
        rig.running.stop().await;
    }
}
