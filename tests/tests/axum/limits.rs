//! No owner uses up Nango's rate limit, and no request that is refused costs an owner anything.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use nango_core::{MemoryStore, OwnedConnection};
use nango_emulator::Emulator;
use nango_tests::{App, Organization, User, call_nango, on_axum};
use reqwest::Method;

/// Nango's limit of requests per minute (observed on 0.71.4).
const LIMIT: u32 = 200;

async fn start() -> App {
    let emulator = Emulator::builder().rate_limit(LIMIT);
    App::with_emulator(emulator, on_axum, MemoryStore::new(), |builder| {
        builder.entity::<User>().entity::<Organization>()
    })
    .await
}

/// Imports connections of a user, and returns their handles.
async fn import(app: &App, user: &str, count: u32) -> Vec<String> {
    let tags = [("end_user_id", user), ("owner_kind", "user")];
    app.emulator.import_many("openai", count, &format!("{user}-{{n}}"), &tags).unwrap();
    let connections = app.nango.sync(&User::named(user).unwrap()).await.unwrap();
    connections.iter().map(OwnedConnection::handle).collect()
}

/// Returns the requests that are left of the limit.
async fn remaining(app: &App) -> u32 {
    let reply = call_nango(&app.emulator, Method::GET, "/integrations", None).await;
    reply.header("x-ratelimit-remaining").parse().unwrap()
}

#[tokio::test]
async fn one_owner_does_not_use_up_the_rate_limit() {
    // The bursts, of 5 and of 20, and what is added while a slow machine sends the requests.
    for (connections, most) in [(1, 8), (60, 30)] {
        let app = start().await;
        let handles = import(&app, "alice", connections).await;
        let before = remaining(&app).await;
        let alice = app.browser("alice");
        let paths: Vec<_> =
            handles.iter().map(|handle| format!("/nango/connections/{handle}/check")).collect();
        let checks = (0..300).map(|n| alice.post(&paths[n % paths.len()], ""));
        for reply in join_all(checks).await {
            assert_eq!((reply.status, reply.json()["health"].as_str()), (200, Some("healthy")));
        }
        let calls = before - remaining(&app).await - 1;
        assert!((1..=most).contains(&calls), "{calls} calls to Nango for 300 checks of {connections}");
        assert_eq!(app.browser("bob").post("/nango/session-token", "").await.status, 200);
    }
}

#[tokio::test]
async fn many_owners_together_leave_room_for_sessions() {
    let app = start().await;
    let users = ["alice", "bob", "carol"];
    let mut checks = Vec::new();
    for user in users {
        let handles = import(&app, user, 50).await;
        checks.extend(handles.iter().map(|handle| (user, format!("/nango/connections/{handle}/check"))));
    }
    let before = remaining(&app).await;
    for (user, path) in &checks {
        assert_eq!(app.browser(user).post(path, "").await.status, 200);
        assert_eq!(app.browser(user).get("/nango/connections?sync=true").await.status, 200);
    }
    let calls = before - remaining(&app).await - 1;
    // The budget grows by one each second.
    assert!(calls <= 100, "{calls} calls of the {LIMIT}, of which owners have three tenths");
    for user in users {
        assert_eq!(app.browser(user).post("/nango/session-token", "").await.status, 200, "{user}");
    }
}

#[tokio::test]
async fn a_refused_request_costs_no_session() {
    let two = NonZeroU32::new(2).unwrap();
    let app = App::configured(|builder| builder.session_rate_limit(two, two)).await;
    let alice = app.browser("alice");
    for _ in 0..30 {
        for body in
            ["{", "[]", r#"{"integrations": 1}"#, r#"{"integrations": []}"#, r#"{"integrations": ["x"]}"#]
        {
            assert_eq!(alice.post("/nango/session-token", body).await.status, 400, "{body}");
        }
        for (body, status) in [("", 400), (r#"{"handle": "AAAAAAAAAAAAAAAAAAAAAA"}"#, 404)] {
            assert_eq!(alice.post("/nango/reconnect-token", body).await.status, status, "{body}");
        }
        assert_eq!(alice.delete("/nango/connections/AAAAAAAAAAAAAAAAAAAAAA").await.status, 404);
    }
    let statuses = [200, 200, 429].into_iter();
    for status in statuses {
        assert_eq!(alice.post("/nango/session-token", "").await.status, status);
    }
}

#[tokio::test]
async fn disconnects_have_a_limit_of_their_own() {
    let one = NonZeroU32::MIN;
    let app = App::configured(|builder| builder.session_rate_limit(one, one)).await;
    let handles = import(&app, "alice", 2).await;
    let alice = app.browser("alice");
    let path = |n: usize| format!("/nango/connections/{}", handles[n]);
    assert_eq!(alice.post("/nango/session-token", "").await.status, 200);
    assert_eq!(alice.delete(&path(0)).await.status, 204, "a session takes nothing from it");
    let refused = alice.delete(&path(1)).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_requests"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(alice.connections("/nango").await.len(), 1);
}
