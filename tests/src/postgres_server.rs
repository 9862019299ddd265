//! A PostgreSQL server of one test, which it may stop and start.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A server with a database of its own, on a free port. It is stopped when this is dropped.
#[derive(Debug)]
pub struct PostgresServer {
    folder: TempDir,
    port: u16,
}

impl PostgresServer {
    /// Creates and starts a server with the programs of the newest version on this machine.
    ///
    /// # Panics
    ///
    /// When there is none, or when it does not start.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without its server")]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder, port };
        // The server refuses to run as root, and needs a folder of its own user's.
        run(Command::new("chown").arg("postgres").arg(server.folder.path()));
        let data = server.data();
        run(server
            .program("initdb")
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(data));
        server.resume();
        server
    }

    /// Returns the URL of its database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends the server as a crash would: without a checkpoint, and with its connections cut.
    pub fn crash(&self) {
        run(self.program("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()));
    }

    /// Starts the server again.
    pub fn resume(&self) {
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        let log = self.folder.path().join("log");
        run(self
            .program("pg_ctl")
            .args(["start", "-w", "-o", &options, "-l"])
            .arg(log)
            .arg("-D")
            .arg(self.data()));
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without its server")]
    fn program(&self, name: &str) -> Command {
        let mut versions: Vec<_> =
            std::fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path()).collect();
        versions.sort();
        let program = versions.last().unwrap().join("bin").join(name);
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Fails where it is stopped already.
        let _ = self.program("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()).output();
    }
}

#[expect(clippy::unwrap_used, reason = "a test has nothing to do without its server")]
fn run(command: &mut Command) {
    // `pg_ctl` leaves the server with its output, which then has no end.
    let status = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?} failed: {status}");
}
