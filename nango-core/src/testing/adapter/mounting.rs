//! The routes in an app, at any prefix.

use super::app::App;
use super::{Call, FALLBACK, Mount, OWN, REJECTION};
use crate::builder::NangoBuilder;
use crate::owner::TagMapper;

/// Every route does its work for a logged-in owner and for Nango.
pub async fn every_route_answers_its_owner<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    assert_every_route(&app).await;
}

/// Without a prefix, with one, and with one that looks like a route.
pub async fn the_routes_answer_at_any_prefix<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    for prefix in ["", "/a", "/a/b/c", "/nango/nango", "/connections", "/connections/x", "/with-dash_and.dot"]
    {
        let app = App::<E, A>::configured(&mount, prefix, |builder| builder).await;
        assert_every_route(&app).await;
    }
}

async fn assert_every_route<E: TagMapper, A: Call>(app: &App<E, A>) {
    let none = app.send(app.alice("GET", "/connections"), "").await;
    assert_eq!((none.status, none.body.as_str()), (200, "[]"));
    app.connected("c1", "alice").await;
    app.nango.connect("c2", "bob");
    let handle = app.handle("alice").await;
    for body in [
        ("/session-token", String::new()),
        ("/session-token", r#"{"integrations":["github"]}"#.to_owned()),
        ("/reconnect-token", r#"{"integration":"slack"}"#.to_owned()),
        ("/reconnect-token", format!(r#"{{"handle":"{handle}"}}"#)),
    ] {
        let (path, body) = body;
        let reply = app.send(app.alice("POST", path), body).await;
        let token = token(&format!("http://{}", app.nango.address));
        assert_eq!((reply.status, reply.body), (200, token), "{path}");
    }
    app.send(app.alice("POST", "/session-token"), r#"{"integrations":["x"]}"#)
        .await
        .assert_error(400, "integration_not_allowed");
    let checked = app.send(app.alice("POST", &format!("/connections/{handle}/check")), "").await;
    let list = app.send(app.alice("GET", "/connections?sync=true"), "").await;
    assert_eq!((list.status, list.body), (200, format!("[{}]", checked.body)));
    assert_eq!(checked.json()["health"], "healthy");

    let path = format!("/connections/{handle}");
    let bob = app.request("DELETE", &path).header("x-user", "bob");
    let foreign = app.send(bob, "").await;
    foreign.assert_error(404, "not_found");
    let ended = app.send(app.alice("DELETE", &path), "").await;
    assert_eq!((ended.status, ended.body.as_str()), (204, ""));
    assert_eq!(
        app.send(app.alice("DELETE", &path), "").await,
        foreign,
        "a foreign connection gets the reply of a missing one"
    );
    assert_eq!(app.send(app.request("GET", "/oauth-callback?code=x"), "").await.status, 308);
}

/// Returns the reply with a session token.
fn token(api: &str) -> String {
    format!(r#"{{"sessionToken":"session-token","expiresAt":"2030-01-01T00:00:00Z","apiUrl":"{api}"}}"#)
}

/// What a browser opens is at Nango's address for browsers, and not at the one that the app calls.
pub async fn browsers_get_the_public_addresses<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let configure = |builder: NangoBuilder| builder.public_host("https://nango.example.com/base/");
    let app = App::<E, A>::configured(&mount, "/nango", configure).await;
    app.connected("c1", "alice").await;
    let callback = app.send(app.request("GET", "/oauth-callback?code=a%20b&state=s"), "").await;
    let location = "https://nango.example.com/base/oauth/callback?code=a%20b&state=s";
    assert_eq!((callback.status, callback.header("location")), (308, Some(location)));
    for (path, body) in [("/session-token", ""), ("/reconnect-token", r#"{"integration":"slack"}"#)] {
        let reply = app.send(app.alice("POST", path), body).await;
        assert_eq!((reply.status, reply.body), (200, token("https://nango.example.com/base")), "{path}");
    }
}

/// The routes change neither the app's state nor its other routes and its fallback.
pub async fn the_rest_of_the_app_is_unchanged<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::configured(&mount, "", |builder| builder).await;
    let own = app.send(app.request("GET", "/own"), "").await;
    assert_eq!((own.status, own.body.as_str()), (200, OWN));
    let app = App::<E, A>::start(mount).await;
    for path in ["/nope", "/connections/h/nope", "/session-token/nope", "/own", "/webhook/nope"] {
        for method in ["GET", "POST"] {
            let reply = app.send(app.alice(method, path), "").await;
            assert_eq!((reply.status, reply.body.as_str()), FALLBACK, "{method} {path}");
        }
    }
}

/// A reply has the headers that core sets, and none of the framework's own.
pub async fn replies_have_no_other_headers<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.connected("c1", "alice").await;
    let path = format!("/connections/{}", app.handle("alice").await);
    let check = format!("{path}/check");
    let json = ["cache-control: no-store", "content-type: application/json"];
    let (public, none) = (["content-type: application/json"], ["cache-control: no-store"]);
    let refused = ["allow: POST", "cache-control: no-store", "content-type: application/json"];
    let location = format!("location: http://{}/oauth/callback", app.nango.address);
    let redirect = ["cache-control: no-store", &location, "referrer-policy: no-referrer"];
    for (request, expected) in [
        (app.alice("POST", "/session-token"), &json[..]),
        (app.alice("GET", "/connections"), &json),
        (app.alice("POST", &check), &json),
        (app.alice("POST", "/connections/h/check"), &json),
        (app.alice("POST", "/reconnect-token"), &json),
        (app.alice("GET", "/session-token"), &refused),
        (app.alice("HEAD", "/session-token"), &refused),
        (app.alice("OPTIONS", "/session-token"), &refused),
        (app.alice("DELETE", &path), &none),
        (app.delivery(b""), &public),
        (app.request("POST", "/webhook"), &public),
        (app.request("GET", "/oauth-callback"), &redirect),
    ] {
        let reply = app.send(request, "").await;
        let found: Vec<_> = reply.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(found, expected, "{reply:?}");
    }
    assert_eq!(app.send(app.request("GET", "/connections"), "").await.status, REJECTION.0);
}
