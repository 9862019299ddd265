//! The check of the set-up.

use nango_core::nango_client::ResponseBody;
use nango_core::{
    HttpOptions, MemoryStore, Nango, NangoBuilder, SetupSubject, SigningKeys, Transport, TransportError,
    Verdict,
};
use nango_emulator::Credentials;
use nango_tests::{App, User, nango_builder};

/// Returns the findings that call for action.
async fn problems(nango: &Nango) -> Vec<String> {
    nango.check_setup().await.problems().map(ToString::to_string).collect()
}

const NO_SWEEPER: &str = "sweeper: warning: this process runs no sweeper, which looks at marked connections and makes up for \
                          lost webhooks; call `nango.spawn_sweeper(..)`, unless another process of the app does";

#[tokio::test]
async fn a_right_set_up_has_no_problem() {
    let app = App::start().await;
    assert_eq!(problems(&app.nango).await, [NO_SWEEPER]);
    let sweeper = app.nango.spawn_sweeper(std::time::Duration::from_secs(300));
    app.connect("alice", "key").await;
    let report = app.nango.check_setup().await;
    assert_eq!(report.problems().count(), 0, "{report}");
    let is_ok = |check: &nango_core::SetupCheck| check.verdict == Verdict::Ok;
    assert!(report.checks.iter().all(is_ok), "{report}");
    assert!(report.is_ok());
    sweeper.stop().await;
    assert_eq!(problems(&app.nango).await, [NO_SWEEPER]);
}

/// Sends requests for any name to one address.
struct Resolved(String);

impl Transport for Resolved {
    async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let (head, body) = request.into_parts();
        let url = format!("{}{}", self.0, head.uri.path_and_query().unwrap());
        let sent = nango_tests::http().request(head.method, url).headers(head.headers).body(body);
        let reply = sent.send().await.map_err(|error| TransportError::new(error.without_url()))?;
        let status = reply.status();
        let mut response = http::Response::new(ResponseBody::from(reply.bytes().await.unwrap()));
        *response.status_mut() = status;
        Ok(response)
    }
}

#[tokio::test]
async fn a_name_that_browsers_do_not_know() {
    let emulator = nango_emulator::Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
    let builder = || {
        let http = HttpOptions::new().transport(Resolved(emulator.url().to_owned()));
        nango_builder(&emulator, MemoryStore::new())
            .host("http://nango-server:3003")
            .http(http)
            .allowed_integrations(["slack"])
            .entity::<User>()
    };
    assert_eq!(
        problems(&builder().build().unwrap()).await,
        [
            "host: warning: a Nango answers, but browsers are sent to http://nango-server:3003, a name that only machines \
             of one network know; set Nango's address for browsers (NANGO_PUBLIC_SERVER_URL, or `.public_host(..)`)",
            NO_SWEEPER,
        ]
    );
    let public = builder().public_host("https://nango.example.com").build().unwrap();
    assert_eq!(problems(&public).await, [NO_SWEEPER]);
}

#[tokio::test]
async fn an_integration_that_does_not_exist() {
    let app = App::configured(|builder| builder.allowed_integrations(["slack", "slak"])).await;
    assert_eq!(
        problems(&app.nango).await,
        [
            "integrations: failed: the environment has no integration slak, so that no connect session can be created; create \
             it in Nango, or correct the id in `.allowed_integrations([..])`",
            NO_SWEEPER,
        ]
    );
}

#[tokio::test]
async fn a_key_without_scopes() {
    let key = "c0ffee00-0000-4000-8000-00000000c0de";
    let emulator = nango_emulator::Emulator::builder().api_key(key, ["environment:integrations:list"]);
    let emulator = emulator.listen("127.0.0.1:0").start().await.unwrap();
    let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
    let nango = Nango::builder(key, keys, MemoryStore::new()).host(emulator.url());
    let nango = nango.allowed_integrations(["slack"]).entity::<User>().build().unwrap();
    let host = emulator.url().split_once("://").unwrap().1;
    let lacks = |what: &str, scope: &str| {
        format!(
            "could not {what} at {host}: the API key lacks the scope {scope}; add \
             the scope to the key in Nango's dashboard, or use another key (NANGO_SECRET_KEY)"
        )
    };
    let scope = "environment:connect_sessions:write";
    assert_eq!(
        problems(&nango).await,
        [
            format!("connect_sessions: failed: {}", lacks("create a connect session", scope)),
            format!(
                "list_connections: warning: {}. Webhooks and checks work without it; syncs and sweeps need such a key, which \
                 `.list_key(..)` can be",
                lacks(
                    "list connections",
                    "environment:connections:list or environment:connections:list_credentials"
                )
            ),
            format!(
                "read_credentials: failed: {}. Without it nango refreshes nothing when a connection is looked at",
                lacks(
                    "read a connection",
                    "environment:connections:read or environment:connections:read_credentials"
                )
            ),
            NO_SWEEPER.to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_wrong_host_and_a_wrong_key() {
    let app = App::configured(|builder| builder.host("http://127.0.0.1:1")).await;
    let report = app.nango.check_setup().await;
    assert_eq!(
        report.problems().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "host: failed: could not list integrations at 127.0.0.1:1: connection refused; check the Nango host (NANGO_HOST), \
             and whether Nango runs there",
            NO_SWEEPER,
        ]
    );
    let key = report.checks.iter().find(|check| check.subject == SetupSubject::ApiKey).unwrap();
    assert_eq!(key.verdict, Verdict::NotCheckable);
    let keys = SigningKeys::new([app.emulator.signing_key()]).unwrap();
    let nango = Nango::builder(app.emulator.signing_key(), keys, MemoryStore::new()).host(app.emulator.url());
    let nango = nango.allowed_integrations(["slack"]).entity::<User>().build().unwrap();
    let host = app.emulator.url().split_once("://").unwrap().1;
    assert_eq!(
        problems(&nango).await,
        [
            format!(
                "api_key: failed: could not list integrations at {host}: nango does not accept the API key (unknown_account); \
                 check that the API key (NANGO_SECRET_KEY) is the one of this server (NANGO_HOST), and not the webhook signing \
                 key"
            ),
            NO_SWEEPER.to_owned(),
        ]
    );
}

/// Apps without a name share their users' connections; with one they do not.
#[tokio::test]
async fn two_apps_in_one_environment() {
    let app = App::configured(|builder| builder.app("billing")).await;
    app.connect("alice", "key").await;
    let other = |name: Option<&str>| {
        let builder = nango_builder(&app.emulator, MemoryStore::new()).entity::<User>();
        name.into_iter().fold(builder, NangoBuilder::app).build().unwrap()
    };
    let finding = |foreign: u8, unnamed: u8| {
        format!(
            "of the newest 1 connections 0 are this app's, {foreign} of other apps or kinds, {unnamed} without an app's name, 0 \
             without an owner"
        )
    };
    assert_eq!(
        problems(&other(None)).await,
        [
            format!(
                "other_apps: warning: {}; give each app of the environment a name with `.app(\"..\")`, so that they do not share \
                 users",
                finding(1, 0)
            ),
            NO_SWEEPER.to_owned(),
        ]
    );
    assert_eq!(problems(&other(Some("crm"))).await, [NO_SWEEPER], "another app's connections are normal");

    let unnamed = App::start().await;
    let token = unnamed.browser("alice").session_token("{}").await;
    unnamed.emulator.connect(&token, "openai", Credentials::api_key("key")).await.unwrap();
    let named =
        nango_builder(&unnamed.emulator, MemoryStore::new()).entity::<User>().app("billing").build().unwrap();
    assert_eq!(
        problems(&named).await,
        [
            format!(
                "other_apps: warning: {}; if they are this app's, claim them with `.adopt_unnamed(..)`",
                finding(0, 1)
            ),
            NO_SWEEPER.to_owned(),
        ]
    );
}

#[test]
fn an_error_that_main_returns_is_readable() {
    let keys = || SigningKeys::new(["key"]).unwrap();
    let error = Nango::builder("key", keys(), MemoryStore::new()).entity::<User>().build().unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        "no integration is allowed; name them with `.allowed_integrations([..])`"
    );
    let error =
        Nango::builder("", keys(), MemoryStore::new()).allowed_integrations(["slack"]).entity::<User>();
    assert_eq!(
        format!("{:?}", error.build().unwrap_err()),
        "the API key (NANGO_SECRET_KEY) is empty; copy it from Nango's Environment settings"
    );
}
