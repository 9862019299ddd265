//! `nango-rs doctor` against an app and an emulator: every check passes, and a fault fails exactly the
//! check that it is about.

#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

use std::process::{Command, Output};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use nango_core::{MemoryStore, Nango, NangoBuilder, SigningKeys, TagMapper};
use nango_emulator::{Credentials, Emulator};
use tokio::net::TcpListener;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: String,
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Err(StatusCode::UNAUTHORIZED)
    }
}

/// An app with an emulator as its Nango.
struct App {
    url: String,
    emulator: Emulator,
    database: tempfile::TempDir,
}

impl App {
    async fn start(host: impl FnOnce(&Emulator) -> String) -> Self {
        Self::configured(host, |builder| builder).await
    }

    async fn configured(
        host: impl FnOnce(&Emulator) -> String,
        configure: impl FnOnce(NangoBuilder) -> NangoBuilder,
    ) -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, MemoryStore::new()).host(host(&emulator));
        let nango = configure(nango).allowed_integrations(["slack"]).entity::<User>().build().unwrap();
        let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/nango", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let database = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}/app.db", database.path().display());
        nango_sqlx::SqliteStore::connect(&file).await.unwrap();
        Self { url, emulator, database }
    }

    /// Runs the command with the app's environment, in which these variables differ, and these
    /// arguments.
    async fn doctor(&self, variables: &[(&'static str, String)], arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nango-rs"));
        for variable in ["API_KEY", "HANDLE_KEY", "PUBLIC_CONNECT_URL", "PUBLIC_SERVER_URL"] {
            command.env_remove(format!("NANGO_{variable}"));
        }
        command.env("NANGO_HOST", self.emulator.url());
        command.env("NANGO_SECRET_KEY", self.emulator.secret_key());
        command.env("NANGO_WEBHOOK_SIGNING_KEY", self.emulator.signing_key());
        command.env("NANGO_INTEGRATIONS", "slack");
        command.env("DATABASE_URL", format!("sqlite://{}/app.db", self.database.path().display()));
        command.envs(variables.iter().cloned());
        command.args(["doctor", "--app", &self.url]).args(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Asserts that the output has no key.
    fn assert_no_secret(&self, output: &Output) {
        let text = format!("{output:?}");
        for secret in [self.emulator.secret_key(), &self.emulator.signing_key()] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    /// Returns the lines of failed checks.
    async fn failures(&self, variables: &[(&'static str, String)], arguments: &[&str]) -> Vec<String> {
        let output = self.doctor(variables, arguments).await;
        self.assert_no_secret(&output);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let failed = text.lines().filter_map(|line| line.strip_prefix("FAIL"));
        failed.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }
}

const UUID: &str = "0c0ffee0-0000-4000-8000-00000000c0de";

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well() {
    let app = App::start(|emulator| emulator.url().to_owned()).await;
    let output = app.doctor(&[], &[]).await;
    app.assert_no_secret(&output);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let host = app.emulator.url();
    let lines: Vec<_> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "ok configuration complete",
            "ok host a Nango answers; its API does not say which version it is",
            "ok api_key accepted",
            "ok integrations 1 allowed, all of them exist",
            "ok connect_sessions the key may create them",
            "ok list_connections the key may list them",
            "ok other_apps the environment has no connections yet",
            "? read_credentials nango does not say before there is a connection",
            "ok store reached, with its tables, and written",
            "ok clock this machine's and the app's differ by 0 s",
            &format!("ok callback 308 to {host}/oauth/callback, with the query kept"),
            "ok webhook_unsigned a delivery without a signature is refused with 401",
            "ok webhook_signed the app has the same webhook signing key as this machine",
            "",
            "no check failed",
        ]
    );
}

/// The doctor does not know what the app's program says.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_the_app_that_is_not_given_is_asked_for() {
    let app = App::configured(|emulator| emulator.url().to_owned(), |builder| builder.app("billing")).await;
    let session = app.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "billing/user")]);
    app.emulator.connect(&session, "slack", Credentials::oauth2()).await.unwrap();
    let other_apps = async |arguments: &[&str]| {
        let text = String::from_utf8(app.doctor(&[], arguments).await.stdout).unwrap();
        text.lines().find(|line| line.contains("other_apps")).unwrap().to_owned()
    };
    let without = other_apps(&[]).await;
    assert!(without.starts_with("warn") && without.ends_with("is given here with --app-name"), "{without}");
    let with = other_apps(&["--app-name", "billing"]).await;
    assert!(with.starts_with("ok"), "{with}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_fails_its_own_check() {
    let app = App::start(|emulator| emulator.url().to_owned()).await;
    assert_eq!(
        app.failures(&[("NANGO_WEBHOOK_SIGNING_KEY", UUID.to_owned())], &[]).await,
        [
            "webhook_signed the app has another webhook signing key than this machine; compare NANGO_WEBHOOK_SIGNING_KEY of \
             both with Nango's Environment settings"
        ]
    );
    assert_eq!(
        app.failures(&[], &["--integrations", "slack,slak"]).await,
        [
            "integrations the environment has no integration slak, so that no connect session can be created; create it in \
             Nango, or correct the id in `.allowed_integrations([..])`"
        ]
    );
    let authority = app.emulator.url().strip_prefix("http://").unwrap();
    assert_eq!(
        app.failures(&[("NANGO_SECRET_KEY", UUID.to_owned())], &[]).await,
        [format!(
            "api_key could not list integrations at {authority}: nango does not accept the API key (unknown_account); check \
             that the API key (NANGO_SECRET_KEY) is the one of this server (NANGO_HOST), and not the webhook signing key"
        )]
    );
    let missing = format!("sqlite://{}/none.db", app.database.path().display());
    let failures = app.failures(&[("DATABASE_URL", missing)], &[]).await;
    assert_eq!(
        failures,
        [
            "store could not connect to the database at none.db: the file cannot be opened (SQLITE_CANTOPEN, code 14); create the file or its folder, and let this program write there"
        ]
    );
    assert_eq!(
        app.failures(&[("NANGO_SECRET_KEY", String::new())], &[]).await,
        [
            "configuration the environment variable NANGO_SECRET_KEY is not set; Nango's dashboard has its value, under \
             Environment settings"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_another_nango_has_the_wrong_callback() {
    let app = App::start(|_| "http://localhost:9".to_owned()).await;
    let failures = app.failures(&[], &[]).await;
    let expected = format!("{}/oauth/callback", app.emulator.url());
    assert_eq!(
        failures,
        [format!(
            "callback redirects to http://localhost:9/oauth/callback, and not to {expected}; set NANGO_HOST and \
             NANGO_PUBLIC_SERVER_URL of the app and of this machine to the same Nango"
        )]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callback_is_that_of_the_address_for_browsers() {
    let public = "https://nango.example.com/base";
    let app =
        App::configured(|emulator| emulator.url().to_owned(), |builder| builder.public_host(public)).await;
    let output = app.doctor(&[("NANGO_PUBLIC_SERVER_URL", format!("{public}/"))], &[]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let line = text.lines().find(|line| line.contains(" callback ")).unwrap();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(line, format!("ok callback 308 to {public}/oauth/callback, with the query kept"));

    let expected = format!("{}/oauth/callback", app.emulator.url());
    assert_eq!(
        app.failures(&[], &[]).await,
        [format!(
            "callback redirects to {public}/oauth/callback, and not to {expected}; set NANGO_HOST and \
             NANGO_PUBLIC_SERVER_URL of the app and of this machine to the same Nango"
        )]
    );
    assert_eq!(
        app.failures(&[("NANGO_PUBLIC_SERVER_URL", "nango.example.com".to_owned())], &[]).await,
        [
            "configuration the public address of Nango (NANGO_PUBLIC_SERVER_URL) must be an http or https address without \
             query, user name and password, such as https://nango.company.com"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_callback_is_on_the_host_of_the_token_routes() {
    let guard = |builder: NangoBuilder| builder.guard_callback("http://127.0.0.1/nango/oauth-callback");
    let app = App::configured(|emulator| emulator.url().to_owned(), guard).await;
    let output = app.doctor(&[], &[]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("guarded, on the host of the token routes: a browser that has begun"), "{text}");

    let elsewhere = app.url.replace("127.0.0.1", "localhost") + "/oauth-callback";
    assert_eq!(
        app.failures(&[], &["--callback", &elsewhere]).await,
        [
            "callback guarded, and on http://localhost, while the token routes are on http://127.0.0.1: browsers do not send \
             it the cookie that those set, so that every connect is refused; mount both on one host, and set its address in \
             Nango's Environment settings and in `.guard_callback(..)`"
        ]
    );
    // Without the guard it may be on any host.
    let open = App::start(|emulator| emulator.url().to_owned()).await;
    let elsewhere = open.url.replace("127.0.0.1", "localhost") + "/oauth-callback";
    let output = open.doctor(&[], &["--callback", &elsewhere]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_stopped_or_mounted_elsewhere() {
    let mut app = App::start(|emulator| emulator.url().to_owned()).await;
    let mounted = app.url.replace("/nango", "/elsewhere");
    app.url = mounted;
    let wrong = "check --app, which is the address that the routes are mounted at";
    assert_eq!(
        app.failures(&[], &[]).await,
        [
            format!("callback the app replies with 404, and not 308; {wrong}"),
            format!("webhook_unsigned the app replies with 404, and not 401; {wrong}"),
            format!("webhook_signed the app replies with 404, and not 200; {wrong}"),
        ]
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    app.url = format!("http://{free}/nango");
    let stopped = "the app cannot be reached: no connection; check --app, and whether the app runs";
    assert_eq!(
        app.failures(&[], &[]).await,
        ["callback", "webhook_unsigned", "webhook_signed"].map(|check| format!("{check} {stopped}"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_read_json() {
    let app = App::start(|emulator| emulator.url().to_owned()).await;
    let output = app.doctor(&[], &["--json"]).await;
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["ok"], true);
    assert_eq!(
        value["checks"][0],
        serde_json::json!({"subject": "configuration", "verdict": "ok", "finding": "complete"})
    );
    let output = app.doctor(&[], &["--json", "--integrations", "slak"]).await;
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((value["ok"].as_bool(), output.status.code()), (Some(false), Some(1)));
}
