//! Requests of owners.

use axum::Router;
use nango_core::{MemoryStore, NangoBuilder};
use nango_emulator::{CallFaults, Emulator};
use nango_tests::{App, User, http};
use tokio::net::TcpListener;

use crate::Failures;

#[tokio::test]
async fn an_integration_that_does_not_exist() {
    let (app, failures) = Failures::app(|builder| builder.allowed_integrations(["slack", "slak"])).await;
    let reply = app.browser("alice").post("/nango/session-token", "").await;
    assert_eq!((reply.status, reply.code().as_str()), (502, "nango_refused"));
    assert!(!reply.body.contains("slak"), "{}", reply.body);
    assert_eq!(
        failures.take(&app),
        [
            "request: a request to a route of nango was replied to with nango_refused: could not create a connect session at \
          HOST: the request was refused (invalid_body): allowed_integrations.1: the integration `slak` does not exist; create \
          the integration in Nango, or correct its id"
        ]
    );
}

#[tokio::test]
async fn a_page_of_another_origin() {
    let (app, failures) = Failures::app(|builder| builder).await;
    let post = |origin: &str| {
        let request = http().post(format!("{}/nango/session-token", app.url));
        nango_tests::send(request.header("x-user", "alice").header("origin", origin))
    };
    assert_eq!(post("https://app.example.com").await.unwrap().status, 403);
    assert_eq!(post("c0ffee").await.unwrap().status, 403);
    let alice = app.browser("alice");
    let request = alice.request(reqwest::Method::POST, "/nango/session-token");
    let request = request.header("origin", "https://app.example.com").header("sec-fetch-site", "cross-site");
    let reply = alice.send(request).await;
    assert_eq!(
        reply.json()["error"]["message"],
        "the request comes from a page of another origin, or a proxy has changed its Host header; if the page is the app's \
         own, the server has to list its origin in `trusted_origins`"
    );
    let own = app.url.split_once("://").unwrap().1;
    let texts: Vec<_> = failures.take(&app).iter().map(|text| text.replace(own, "APP")).collect();
    assert_eq!(
        texts,
        [
            "cross_origin: a request of a page of another origin was refused: https://app.example.com, while the request's \
             Host is APP; if the page is the app's own, add its origin to `.trusted_origins([..])`, or let the proxy in \
             between keep the Host",
            "cross_origin: a request of a page of another origin was refused, while the request's Host is APP; if the page is \
             the app's own, add its origin to `.trusted_origins([..])`, or let the proxy in between keep the Host",
            "cross_origin: a request of a page of another origin was refused: https://app.example.com; if the page is the \
             app's own, add its origin to `.trusted_origins([..])`",
        ]
    );
}

#[tokio::test]
async fn a_tag_that_nango_would_refuse() {
    let (app, failures) = Failures::app(|builder| builder).await;
    app.browser("soren").session_token("{}").await;
    assert_eq!(
        failures.take(&app),
        [
            "tag_left_out: a tag of an owner was left out: the value of tag \"end_user_email\" is not an e-mail address that \
             Nango takes; correct the value, or its field's `#[nango(tag, with = \"..\")]`"
        ]
    );
}

#[tokio::test]
async fn a_list_that_is_not_in_line_with_nango_says_so() {
    let (app, failures) = Failures::app(|builder| builder.sync_period(std::time::Duration::ZERO)).await;
    let list = async |query: &str| {
        let reply = app.browser("alice").get(&format!("/nango/connections{query}")).await;
        assert_eq!(reply.status, 200);
        reply.headers.get("nango-sync").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(list("").await, None);
    assert_eq!(list("?sync=true").await.as_deref(), Some("done"));
    app.emulator.fail_calls(CallFaults::status("/connections", 503, 9));
    assert_eq!(list("?sync=true").await.as_deref(), Some("failed"));
    assert_eq!(
        failures.take(&app),
        [
            "sync: could not look at nango for an owner's list, so that the reply was the stored one: could not list connections \
          at HOST: nango is unavailable (server_error); retry later"
        ]
    );
}

#[tokio::test]
async fn a_sync_within_the_period_or_beyond_the_budget_says_so() {
    let (app, _) = Failures::app(|builder| builder.look_share(0.005)).await;
    let list = async |user: &str| {
        let reply = app.browser(user).get("/nango/connections?sync=true").await;
        reply.headers["nango-sync"].to_str().unwrap().to_owned()
    };
    assert_eq!(list("alice").await, "done");
    assert_eq!(list("alice").await, "recent");
    assert_eq!(list("bob").await, "limited");
}

#[tokio::test]
async fn nangos_rate_limit_reaches_the_browser_as_retry_after() {
    let failures = Failures::default();
    let configure = |builder: NangoBuilder| builder.entity::<User>().on_failure(failures.hook());
    let serve = async |nango| {
        let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    };
    let app =
        App::with_emulator(Emulator::builder().rate_limit(3), serve, MemoryStore::new(), configure).await;
    // Another program uses the limit up.
    for _ in 0..3 {
        app.nango.unscoped_client().integrations().await.unwrap();
    }
    let reply = app.browser("alice").post("/nango/session-token", "").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "nango_unavailable"));
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let [text] = &failures.take(&app)[..] else { panic!("one failure is reported") };
    let (text, seconds) = text.rsplit_once("; retry in ").unwrap();
    assert_eq!(
        text,
        "request: a request to a route of nango was replied to with nango_unavailable: could not create a connect session at \
         HOST: nango's rate limit is used up (too_many_request)"
    );
    assert!(seconds.strip_suffix(" s").unwrap().parse::<u64>().is_ok(), "{seconds}");
}

#[tokio::test]
async fn a_nango_that_is_not_there() {
    let (app, failures) = Failures::app(|builder| builder.host("http://127.0.0.1:1")).await;
    assert_eq!(app.browser("alice").post("/nango/session-token", "").await.status, 503);
    assert_eq!(
        failures.take(&app),
        [
            "request: a request to a route of nango was replied to with nango_unavailable: could not create a connect session at \
          127.0.0.1:1: connection refused; check the Nango host (NANGO_HOST), and whether Nango runs there"
        ]
    );
}
