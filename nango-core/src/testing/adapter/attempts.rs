//! Attempts, and the guarded callback.

use std::time::{Duration, Instant};

use super::app::App;
use super::{Call, Mount};
use crate::builder::NangoBuilder;
use crate::owner::TagMapper;

/// An attempt is its owner's alone, and a request about it is held no longer than it asks for.
pub async fn an_attempt_is_its_owners<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::configured(mount, "/nango", NangoBuilder::track_attempts).await;
    let begun = app.send(app.alice("POST", "/session-token"), "").await.json();
    let attempt = begun["attempt"].as_str().unwrap_or_else(|| panic!("{begun}"));
    let path = format!("/attempts/{attempt}");
    let pending = app.send(app.alice("GET", &path), "").await;
    assert_eq!((pending.status, pending.body.as_str()), (200, r#"{"state":"pending"}"#));
    let began = Instant::now();
    let waited = app.send(app.alice("GET", &format!("{path}?wait=2")), "").await;
    assert_eq!(waited.body, pending.body);
    let took = began.elapsed();
    assert!(took > Duration::from_millis(1_900) && took < Duration::from_secs(4), "{took:?}");
    let foreign = app.send(app.request("GET", &path).header("x-user", "bob"), "").await;
    foreign.assert_error(404, "not_found");
    for forged in ["a".to_owned(), attempt[1..].to_owned(), format!("{attempt}A")] {
        let reply = app.send(app.alice("GET", &format!("/attempts/{forged}")), "").await;
        assert_eq!(reply, foreign, "{forged}");
    }
    app.send(app.alice("GET", &format!("{path}?wait=x")), "").await.assert_error(400, "invalid_query");
}

/// A guarded callback is passed on for a browser with the cookie of a session, and for no other.
pub async fn a_guarded_callback_needs_the_cookie<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let guarded = |builder: NangoBuilder| builder.guard_callback("https://app.example/nango/oauth-callback");
    let app = App::<E, A>::configured(mount, "/nango", guarded).await;
    let refused = app.send(app.request("GET", "/oauth-callback?code=x&state=s"), "").await;
    assert_eq!((refused.status, refused.header("location")), (403, None));
    assert!(refused.body.contains("was not started in this browser"), "{}", refused.body);
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    let asked = app.nango.asked();
    let begun = app.send(app.alice("POST", "/session-token"), "").await;
    let cookie = begun.header("set-cookie").unwrap_or_else(|| panic!("{begun:?}"));
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let with = |cookie: &str| app.request("GET", "/oauth-callback?code=x&state=s").header("cookie", cookie);
    assert_eq!(app.send(with(&cookie), "").await.status, 308);
    for forged in
        ["__Host-nango_attempt=", "__Host-nango_attempt=AAAA", &cookie[..cookie.len() - 1], "nango_attempt=x"]
    {
        assert_eq!(app.send(with(forged), "").await, refused, "{forged}");
    }
    assert_eq!(app.nango.asked(), asked + 1, "nothing but the session was asked of Nango");
}
