//! The program as people start and stop it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use nango_core::{ConnectionRef, ConnectionStore as _, Nango, Owner, SigningKeys, TagMapper};
use nango_emulator::{Credentials, Emulator};
use nango_sqlx::SqliteStore;
use reqwest::redirect::Policy;
use serde_json::Value;

/// The package's own program: quickstart-actix has this test, too.
const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

/// A running quickstart. It is killed when this is dropped.
struct App {
    process: Child,
    log: Option<JoinHandle<String>>,
    url: String,
    http: reqwest::Client,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl App {
    /// Starts the program in a folder, and waits until it says that it is ready.
    fn start(folder: &Path, port: u16, emulator: u16, environment: &[(&str, String)]) -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--emulator", &format!("127.0.0.1:{emulator}")])
            .current_dir(folder)
            .env_remove("NANGO_SECRET_KEY")
            .env("RUST_LOG", "trace")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            let _ = stderr.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let Some(url) = ready.trim().strip_prefix("ready ").map(str::to_owned) else {
            panic!("not ready but {ready:?}: {}", log.join().unwrap());
        };
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { process, log: Some(log), url, http }
    }

    /// The cookie of someone who has logged in.
    async fn login(&self, user: &str) -> String {
        let form = self.http.post(format!("{}/login", self.url));
        let form =
            form.header("content-type", "application/x-www-form-urlencoded").body(format!("user={user}"));
        let reply = form.send().await.unwrap();
        assert_eq!(reply.status(), 303);
        let cookie = reply.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn get(&self, cookie: &str, path: &str) -> Value {
        let reply =
            self.http.get(format!("{}{path}", self.url)).header("cookie", cookie).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
    }

    async fn session_token(&self, cookie: &str) -> String {
        let request = self.http.post(format!("{}/nango/session-token", self.url)).header("cookie", cookie);
        let reply: Value =
            serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        reply["sessionToken"].as_str().unwrap().to_owned()
    }

    /// SIGKILL, and everything that it had logged.
    fn kill(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_made_while_the_app_was_down_is_found() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let emulator = Emulator::builder()
        .listen("127.0.0.1:0")
        .webhook_url(format!("http://127.0.0.1:{port}/nango/webhook"))
        .start()
        .await
        .unwrap();
    let environment = [
        ("NANGO_SECRET_KEY", emulator.secret_key().to_owned()),
        ("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key()),
        ("NANGO_HOST", emulator.local_url().to_owned()),
    ];
    let app = App::start(folder.path(), port, 1, &environment);
    let cookie = app.login("alice").await;
    let token = app.session_token(&cookie).await;
    let log = app.kill();

    let made = emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    assert!(emulator.deliveries_settled(Duration::from_secs(15)).await);
    assert!(
        emulator.deliveries()[0].attempts.iter().all(|attempt| attempt.status.is_none()),
        "the webhook is lost"
    );

    let app = App::start(folder.path(), port, 1, &environment);
    assert_eq!(
        app.get(&cookie, "/nango/connections").await,
        serde_json::json!([]),
        "the cookie is still good"
    );
    let list = app.get(&cookie, "/nango/connections?sync=true").await;
    assert_eq!(list[0]["integration"], "slack");
    assert_eq!(app.get(&cookie, "/nango/connections").await.as_array().unwrap().len(), 1);

    let log = log + &app.kill();
    assert!(log.contains("TRACE"));
    let secrets = [
        ("the API key", emulator.secret_key().to_owned()),
        ("the signing key", emulator.signing_key()),
        ("a connection id", made.connection_id),
        ("a session token", token),
        ("an e-mail address", "alice@acme".to_owned()),
    ];
    for (what, secret) in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{what} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_nango_of_its_own_connections_survive_a_restart() {
    let (folder, port, emulator) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    let app = App::start(folder.path(), port, emulator, &[]);
    let cookie = app.login("alice").await;
    let token = app.session_token(&cookie).await;
    let connect =
        format!("http://127.0.0.1:{emulator}/api-auth/api-key/openai?connect_session_token={token}");
    let request =
        app.http.post(connect).header("content-type", "application/json").body(r#"{"apiKey":"sk-test"}"#);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let mut waited = 0;
    while app.get(&cookie, "/nango/connections").await.as_array().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        waited += 1;
        assert!(waited < 500, "no webhook in ten seconds");
    }
    let before = app.get(&cookie, "/nango/connections").await;
    app.kill();

    let app = App::start(folder.path(), port, emulator, &[]);
    assert_eq!(app.get(&cookie, "/nango/connections").await, before, "here");
    assert_eq!(
        app.get(&cookie, "/nango/connections?sync=true").await[0]["handle"],
        before[0]["handle"],
        "and at Nango"
    );
}

/// Kills the app in the middle of a storm of deliveries, again and again, then looks into its database.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_in_the_database() {
    const KILLS: u64 = 50;
    const STORM: usize = 8;

    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let emulator = Emulator::builder()
        .listen("127.0.0.1:0")
        .webhook_url(format!("http://127.0.0.1:{port}/nango/webhook"))
        .start()
        .await
        .unwrap();
    let environment = [
        ("NANGO_SECRET_KEY", emulator.secret_key().to_owned()),
        ("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key()),
        ("NANGO_HOST", emulator.local_url().to_owned()),
        ("RUST_LOG", "off".to_owned()),
    ];
    for round in 0..KILLS {
        let app = App::start(folder.path(), port, 1, &environment);
        let token = emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
        for _ in 0..STORM {
            emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        }
        // From before the first delivery is handled to after the last.
        tokio::time::sleep(Duration::from_millis(round * 3 % 100)).await;
        app.kill();
    }
    assert!(emulator.deliveries_settled(Duration::from_secs(60)).await);

    let store =
        SqliteStore::connect(&format!("sqlite://{}/quickstart.db", folder.path().display())).await.unwrap();
    let deliveries = emulator.deliveries();
    let mut acknowledged = 0;
    for delivery in &deliveries {
        if delivery.attempts.iter().any(|attempt| attempt.status == Some(200)) {
            let body: Value = serde_json::from_str(&delivery.body).unwrap();
            let key = ConnectionRef::new("openai", body["connectionId"].as_str().unwrap());
            let row = store.get(&[key]).await.unwrap().remove(0).expect("acknowledged and lost");
            assert!(!row.removed || row.look_again_at.is_some(), "neither the effect nor the mark");
            acknowledged += 1;
        }
    }
    let all = deliveries.len();
    assert!(
        acknowledged > 0 && acknowledged < all,
        "{acknowledged} of {all}: the kills were too early or too late"
    );

    let nango =
        Nango::builder(emulator.secret_key(), SigningKeys::new([emulator.signing_key()]).unwrap(), store)
            .host(emulator.local_url())
            .allowed_integrations(["openai"])
            .entity::<User>()
            .build()
            .unwrap();
    nango.sweep().run().await.unwrap();
    let all = usize::try_from(KILLS).unwrap() * STORM;
    assert_eq!(nango.connections(&Owner::new("user", "alice")).await.unwrap().len(), all);
    println!("{acknowledged} of {} deliveries were acknowledged before a kill", deliveries.len());
}

/// What the app's users are to the library.
#[derive(TagMapper)]
struct User {
    #[nango(id)]
    _id: String,
}
