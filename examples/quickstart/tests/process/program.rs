//! The package's program, as a process.

use std::net::TcpListener;
use std::process::{Command, Output};

use nango_tests::{Browser, Program};
use reqwest::Method;

use crate::databases::Home;

/// The program of the package: quickstart-actix has this test, too.
pub(crate) const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts the program on a database, and waits until it is ready.
pub(crate) fn start(home: &Home, port: u16, emulator: u16, environment: &[(&str, String)]) -> Program {
    start_with(home, port, emulator, environment, &[])
}

/// Starts the program with these flags.
pub(crate) fn start_with(
    home: &Home,
    port: u16,
    emulator: u16,
    environment: &[(&str, String)],
    flags: &[&str],
) -> Program {
    Program::start(
        Command::new(PROGRAM)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--emulator", &format!("127.0.0.1:{emulator}")])
            .args(["--database", home.url()])
            .args(flags)
            .current_dir(home.folder())
            .env_remove("NANGO_SECRET_KEY")
            .env("RUST_LOG", "trace")
            .envs(environment.iter().map(|(name, value)| (name, value))),
    )
}

/// Logs a user in; returns the browser, which has the cookie.
pub(crate) async fn login(program: &Program, user: &str) -> Browser {
    let browser = Browser::new(program.url());
    let form = browser.request(Method::POST, "/login");
    let form = form.header("content-type", "application/x-www-form-urlencoded").body(format!("user={user}"));
    let reply = browser.send(form).await;
    assert_eq!(reply.status, 303);
    let cookie = reply.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    browser.with_login("cookie", cookie.split(';').next().unwrap())
}

/// Returns the output of the program on a database that it cannot use.
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
