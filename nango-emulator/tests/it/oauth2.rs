//! The code flow of a browser, through an application's own callback.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::support::{call, http, session};

/// Starts an application whose callback redirects the browser to Nango with the same query.
async fn application() -> (String, Arc<OnceLock<String>>) {
    let nango = Arc::new(OnceLock::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/my/callback", listener.local_addr().unwrap());
    let app = Router::new().route("/my/callback", get(forward)).with_state(nango.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, nango)
}

async fn forward(State(nango): State<Arc<OnceLock<String>>>, RawQuery(query): RawQuery) -> Response {
    let target = format!("{}/oauth/callback?{}", nango.get().unwrap(), query.unwrap());
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response()
}

/// Follows one redirect.
async fn step(request: reqwest::RequestBuilder) -> Url {
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_redirection(), "{}", answer.status());
    Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
}

fn param(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

async fn to_provider(nango: &Emulator) -> Url {
    let token = session(nango, json!({ "tags": { "end_user_id": "o" } })).await;
    let path = format!("/oauth/connect/slack?connect_session_token={token}");
    step(http().get(format!("{}{path}", nango.local_url()))).await
}

async fn decide(nango: &Emulator, at_provider: &Url, decision: &str) -> Url {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(at_provider.query_pairs()).append_pair("decision", decision);
    let url = format!("{}/_emulator/provider/slack/decision", nango.local_url());
    let content_type = ("content-type", "application/x-www-form-urlencoded");
    step(http().post(url).header(content_type.0, content_type.1).body(form.finish())).await
}

#[tokio::test]
async fn flow_completes_through_the_application_callback() {
    let (callback, nango_url) = application().await;
    let nango = Emulator::builder().callback_url(&callback).start().await.unwrap();
    nango_url.set(nango.local_url().to_owned()).unwrap();

    let at_provider = to_provider(&nango).await;
    let names: Vec<_> = at_provider.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let order = [
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge",
        "code_challenge_method",
    ];
    assert_eq!(names, order);
    assert_eq!(param(&at_provider, "redirect_uri"), callback);

    let back = decide(&nango, &at_provider, "allow").await;
    assert!(back.as_str().starts_with(&callback));
    let at_nango = step(http().get(back)).await;
    let page = http().get(at_nango.clone()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("nango_oauth_callback_success"));
    let (_, list) = call(&nango, Method::GET, "/connections", None).await;
    assert_eq!(list["connections"][0]["tags"], json!({ "end_user_id": "o" }));

    // The state is valid once.
    let again = http().get(at_nango.clone()).send().await.unwrap();
    assert_eq!(again.status(), 400);
    let state = param(&at_nango, "state");
    let message = format!(r#"No session found for state: \"{state}\""#);
    let page = again.text().await.unwrap();
    assert!(page.contains(&message), "{page}");
}

#[tokio::test]
async fn head_request_uses_up_the_state() {
    let nango = Emulator::builder().start().await.unwrap();
    let at_provider = to_provider(&nango).await;
    let back = decide(&nango, &at_provider, "allow").await;
    assert_eq!(http().head(back.clone()).send().await.unwrap().status(), 200);
    assert_eq!(http().get(back).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn denial_is_shown_on_the_page() {
    let nango = Emulator::builder().start().await.unwrap();
    let at_provider = to_provider(&nango).await;
    let back = decide(&nango, &at_provider, "deny").await;
    assert_eq!(param(&back, "error"), "access_denied");
    let page = http().get(back).send().await.unwrap();
    assert_eq!(page.status(), 400);
    let text = page.text().await.unwrap();
    assert!(text.contains("nango_oauth_callback_error"));
    assert!(text.contains("connection_validation_failed"));
    let (_, list) = call(&nango, Method::GET, "/connections", None).await;
    assert_eq!(list, json!({ "connections": [] }));
}

#[tokio::test]
async fn provider_accepts_known_clients_only() {
    let nango = Emulator::builder().start().await.unwrap();
    let at_provider = to_provider(&nango).await;
    let shown = http().get(at_provider.clone()).send().await.unwrap();
    let page = shown.text().await.unwrap();
    assert!(page.contains("Allow") && page.contains("Deny") && page.contains("channels:read"));
    for (name, value) in [("redirect_uri", "https://evil.example/"), ("client_id", "unknown")] {
        let mut wrong = at_provider.clone();
        let changed = at_provider.query_pairs().map(|(key, old)| {
            let new = if key == name { value.into() } else { old };
            (key, new)
        });
        wrong.query_pairs_mut().clear().extend_pairs(changed);
        assert_eq!(http().get(wrong).send().await.unwrap().status(), 400, "{name}");
    }
}
