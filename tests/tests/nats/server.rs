//! Servers, and names that no other test uses.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nango_nats::{NatsEventQueue, NatsOptions};
use tempfile::TempDir;

pub(crate) const LEASE: Duration = Duration::from_secs(2);

pub(crate) fn url() -> String {
    nango_tests::service_url("NANGO_TEST_NATS_URL")
}

/// The streams of one test. They are deleted with this.
pub(crate) struct Streams {
    url: String,
    prefix: String,
}

impl Streams {
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned(), prefix: nango_tests::unique_name() }
    }

    pub(crate) fn options(&self) -> NatsOptions {
        NatsOptions::new().prefix(&self.prefix).lease(LEASE)
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) async fn queue(&self) -> NatsEventQueue {
        self.queue_at(&self.url).await
    }

    /// Returns the queue as another user has it.
    pub(crate) async fn queue_at(&self, url: &str) -> NatsEventQueue {
        NatsEventQueue::connect_with(url, &self.options()).await.unwrap()
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        nango_tests::delete_queue(&self.url, &self.prefix);
    }
}

/// A server of one test. It is killed when this is dropped.
pub(crate) struct Server {
    process: Child,
    arguments: Vec<String>,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts the program at `NANGO_TEST_NATS_SERVER`, or the one on the path, with JetStream.
    pub(crate) fn start() -> Self {
        Self::start_with(&["-js"])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), arguments)
    }

    /// Starts a server with JetStream and a configuration.
    pub(crate) fn start_configured(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("server.conf");
        std::fs::write(&file, text).unwrap();
        Self::start_in(folder, &["-js", "-c", file.to_str().unwrap()])
    }

    fn start_in(folder: TempDir, arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let process = spawn(port, &folder, &arguments);
        Self { process, arguments, port, folder }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.place())
    }

    /// Returns the URL of a user, whose name is the password, too.
    pub(crate) fn url_of(&self, user: &str) -> String {
        format!("nats://{user}:{user}@{}", self.place())
    }

    pub(crate) fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Returns what a consumer has on the disk.
    pub(crate) fn consumer(&self, stream: &str) -> Vec<u8> {
        std::fs::read(self.consumer_file(stream)).unwrap()
    }

    /// Puts back what a consumer had on the disk before, as if its last writes had not come that far.
    pub(crate) fn set_back_consumer(&self, stream: &str, state: &[u8]) {
        std::fs::write(self.consumer_file(stream), state).unwrap();
    }

    fn consumer_file(&self, stream: &str) -> PathBuf {
        self.folder.path().join(format!("jetstream/$G/streams/{stream}/obs/workers/o.dat"))
    }

    /// Starts it again, with what it has kept on its disk.
    pub(crate) fn restart(&mut self) {
        self.process = spawn(self.port, &self.folder, &self.arguments);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(port: u16, folder: &TempDir, arguments: &[String]) -> Child {
    let program = std::env::var_os("NANGO_TEST_NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let mut command = Command::new(program);
    command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(folder.path()).args(arguments);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the server does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    process
}
