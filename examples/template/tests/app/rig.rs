//! A running app, with its Nango, its database and its mails.

use std::time::{Duration, Instant};

use app_template::{Config, Mailer, Running, add_user, open, start};
use lettre::transport::stub::AsyncStubTransport;
use nango_emulator::{Connected, Credentials, Emulator};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::database::Database;

pub(crate) const PASSWORD: &str = "correct+horse+battery";

/// The longest wait for what the app does in the background.
const SOON: Duration = Duration::from_secs(15);

pub(crate) struct Rig {
    pub(crate) emulator: Emulator,
    pub(crate) running: Running,
    pub(crate) mails: AsyncStubTransport,
    pub(crate) url: String,
    pub(crate) database: Database,
}

impl Rig {
    /// Starts the app, with the users alice and bob.
    pub(crate) async fn start() -> Self {
        let database = Database::create().await;
        let emulator = emulator().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        emulator.set_webhook_url(format!("{url}/nango/webhook"));
        let variables = variables(&database.url(), &emulator, &url);
        let config = Config::read(|name| {
            variables.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone())
        });
        let config = config.unwrap();
        let (mailer, mails) = Mailer::stub(&config).unwrap();
        let running = start(&config, mailer, listener).await.unwrap();
        let pool = open(&database.url()).await.unwrap();
        for user in ["alice", "bob"] {
            add_user(&pool, &format!("{user}@example.com"), "correct horse battery").await.unwrap();
        }
        pool.close().await;
        Self { emulator, running, mails, url, database }
    }

    pub(crate) fn stranger(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// Opens the browser of a user who is logged in.
    pub(crate) async fn browser(&self, user: &str) -> Browser {
        let browser = self.stranger();
        let reply = browser.log_in(&format!("{user}@example.com"), PASSWORD).await;
        assert_eq!((reply.status, reply.location.as_str()), (303, "/"), "{}", reply.body);
        browser
    }

    /// Connects Slack in a session that the page has begun at this route.
    pub(crate) async fn connect(&self, browser: &Browser, path: &str, body: &Value) -> (Connected, String) {
        let reply = browser.post(path, body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let session = reply.json();
        let token = session["sessionToken"].as_str().unwrap();
        let made = self.emulator.connect(token, "slack", Credentials::oauth2()).await.unwrap();
        (made, session["attempt"].as_str().unwrap().to_owned())
    }

    /// Connects Slack, and waits until the webhook has arrived. Returns the connection's id and its row.
    pub(crate) async fn connect_slack(&self, browser: &Browser) -> (String, Value) {
        let (made, _) =
            self.connect(browser, "/nango/session-token", &json!({"integrations": ["slack"]})).await;
        eventually("a row", async || rows(browser).await.len() == 1).await;
        (made.connection_id, rows(browser).await.remove(0))
    }
}

pub(crate) async fn emulator() -> Emulator {
    Emulator::builder().listen("127.0.0.1:0").integrations(["slack"]).start().await.unwrap()
}

/// Returns the variables of an app.
pub(crate) fn variables(database: &str, emulator: &Emulator, url: &str) -> [(&'static str, String); 8] {
    [
        ("DATABASE_URL", database.to_owned()),
        ("PUBLIC_URL", url.to_owned()),
        ("MAIL_FROM", "App <app@example.com>".to_owned()),
        ("SMTP_URL", "smtp://127.0.0.1:9".to_owned()),
        ("NANGO_SECRET_KEY", emulator.secret_key().to_owned()),
        ("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key()),
        ("NANGO_HOST", emulator.local_url().to_owned()),
        ("NANGO_PUBLIC_CONNECT_URL", emulator.connect_url()),
    ]
}

/// Returns the list of connections, without a look at Nango.
pub(crate) async fn rows(browser: &Browser) -> Vec<Value> {
    let reply = browser.get("/nango/connections").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json().as_array().unwrap().clone()
}

pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < SOON, "not within {SOON:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
