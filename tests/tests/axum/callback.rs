//! The provider's redirect is forwarded to Nango unchanged.

use nango_core::Owner;
use nango_tests::{App, Reply, User, http, send};

#[tokio::test]
async fn a_callback_keeps_its_query_byte_for_byte() {
    let app = App::start().await;
    let target = format!("{}/oauth/callback", app.emulator.local_url());
    for query in ["?code=a%20b&state=x&state=y&z", "?code=a+b&x=%2F%zz&=&&", "?", ""] {
        let reply = app.stranger().get(&format!("/nango/oauth-callback{query}")).await;
        assert_eq!((reply.status, reply.body.as_str()), (308, ""));
        assert_eq!(reply.header("location"), format!("{target}{query}"));
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let long = "x".repeat(16 * 1024 + 1);
    let reply = app.stranger().get(&format!("/nango/oauth-callback?{long}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (414, "query_too_long"));
}

/// Walks from a session's link over the provider to the app's callback, as the browser of the person does
/// who follows the link. Returns the reply of the callback, and what Nango says if it is passed on.
async fn follow_link(app: &App, token: &str, cookie: Option<&str>) -> (Reply, Option<u16>) {
    let nango = app.emulator.local_url();
    let connect = format!("{nango}/oauth/connect/slack?connect_session_token={token}");
    let at_provider = send(http().get(connect)).await.unwrap().header("location").to_owned();
    let (_, request) = at_provider.split_once('?').unwrap();
    let decision = format!("{nango}/_emulator/provider/slack/decision");
    let consent = http().post(decision).header("content-type", "application/x-www-form-urlencoded");
    let consent = consent.body(format!("{request}&decision=allow"));
    let back = send(consent).await.unwrap().header("location").to_owned();
    assert!(back.starts_with(&app.url), "{back}");
    let request =
        cookie.into_iter().fold(http().get(back), |request, cookie| request.header("cookie", cookie));
    let callback = send(request).await.unwrap();
    if callback.status != 308 {
        return (callback, None);
    }
    let passed_on = send(http().get(callback.header("location"))).await.unwrap().status;
    app.settled().await;
    (callback, Some(passed_on))
}

/// The attack: one begins a session, and another person follows its link.
#[tokio::test]
async fn the_link_of_another_person_connects_only_without_the_guard() {
    let lured = async |app: &App| {
        let token = app.browser("bob").session_token("").await;
        let (callback, passed_on) = follow_link(app, &token, None).await;
        let synced = app.nango.sync(&Owner::of::<User>(&"bob".to_owned())).await.unwrap();
        (callback.status, passed_on, synced.len())
    };
    assert_eq!(lured(&App::start().await).await, (308, Some(200), 1), "the account lands with the attacker");
    let guarded =
        App::configured(|builder| builder.guard_callback("http://127.0.0.1/nango/oauth-callback")).await;
    assert_eq!(lured(&guarded).await, (403, None, 0), "nango does not get the code");
    assert!(guarded.emulator.deliveries().is_empty());
}

/// What the guard does not tell apart, as SECURITY.md says.
#[tokio::test]
async fn a_browser_with_an_attempt_of_its_own_passes_the_guard() {
    let app = App::configured(|builder| {
        builder.track_attempts().guard_callback("http://127.0.0.1/nango/oauth-callback")
    })
    .await;
    let begun = app.browser("alice").post("/nango/session-token", "").await;
    let cookie = begun.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("nango_attempt="), "{cookie}");
    let own = begun.json()["sessionToken"].as_str().unwrap().to_owned();
    assert_eq!(follow_link(&app, &own, Some(&cookie)).await.1, Some(200));
    let others = app.browser("bob").session_token("").await;
    assert_eq!(follow_link(&app, &others, Some(&cookie)).await.1, Some(200), "also for a link of bob's");
    // The text that a page can read is not the cookie.
    let text = begun.json()["attempt"].as_str().unwrap().to_owned();
    let pasted = format!("nango_attempt={text}");
    assert_eq!(follow_link(&app, &others, Some(&pasted)).await.0.status, 403);
}
