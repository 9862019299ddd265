//! A running program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

use reqwest::redirect::Policy;
use serde_json::Value;

use crate::databases::Home;

/// The package's own program: quickstart-actix has this test, too.
const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

/// A running quickstart. It is killed when this is dropped.
pub(crate) struct App {
    process: Child,
    log: Option<JoinHandle<String>>,
    url: String,
    pub(crate) http: reqwest::Client,
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl App {
    /// Starts the program on a database, and waits until it says that it is ready.
    pub(crate) fn start(home: &Home, port: u16, emulator: u16, environment: &[(&str, String)]) -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--emulator", &format!("127.0.0.1:{emulator}")])
            .args(["--database", home.url()])
            .current_dir(home.folder())
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
    pub(crate) async fn login(&self, user: &str) -> String {
        let form = self.http.post(format!("{}/login", self.url));
        let form =
            form.header("content-type", "application/x-www-form-urlencoded").body(format!("user={user}"));
        let reply = form.send().await.unwrap();
        assert_eq!(reply.status(), 303);
        let cookie = reply.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, cookie: &str, path: &str) -> Value {
        let reply =
            self.http.get(format!("{}{path}", self.url)).header("cookie", cookie).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
    }

    pub(crate) async fn session_token(&self, cookie: &str) -> String {
        let request = self.http.post(format!("{}/nango/session-token", self.url)).header("cookie", cookie);
        let reply: Value =
            serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        reply["sessionToken"].as_str().unwrap().to_owned()
    }

    /// SIGKILL, and everything that it had logged.
    pub(crate) fn kill(mut self) -> String {
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

/// What the program says to a database that it cannot use.
pub(crate) fn refused(database: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--emulator", "127.0.0.1:0", "--database", database])
        .current_dir(&folder)
        .env_remove("NANGO_SECRET_KEY")
        .output()
        .unwrap();
    assert!(std::fs::read_dir(&folder).unwrap().next().is_none(), "it left files");
    output
}
