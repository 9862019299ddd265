//! Wrong settings: the first line of output names the setting and the remedy.

use std::process::Command;

use nango_emulator::{CallFaults, Emulator};

use crate::program::PROGRAM;

/// Runs the program with these variables and arguments until it gives up, and returns the first line
/// of its output and its exit code.
fn run(variables: &[(&str, &str)], arguments: &[&str]) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(&folder)
        .env_remove("NANGO_SECRET_KEY")
        .env_remove("NANGO_HOST")
        .env("RUST_LOG", "info");
    command.args(["--emulator", "127.0.0.1:0"]);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments);
    let output = command.envs(variables.iter().copied()).env("NO_COLOR", "1").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    let line = text.lines().next().unwrap_or_default();
    (line.split_once(": ").map_or(line, |(_, text)| text).to_owned(), output.status.code())
}

const KEY: &str = "c0ffee00-0000-4000-8000-00000000c0de";

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_setting_is_named_with_its_remedy() {
    let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
    let (host, key, signing) = (emulator.local_url(), emulator.secret_key(), emulator.signing_key());
    let authority = host.strip_prefix("http://").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let right =
        [("NANGO_HOST", host), ("NANGO_SECRET_KEY", key), ("NANGO_WEBHOOK_SIGNING_KEY", signing.as_str())];
    let with = |name: &'static str, value: &'static str| {
        let mut variables = right;
        variables.iter_mut().filter(|(set, _)| *set == name).for_each(|(_, set)| *set = value);
        variables
    };
    for (variables, arguments, expected) in [
        (
            with("NANGO_SECRET_KEY", KEY),
            &[][..],
            format!(
                "could not list integrations at {authority}: nango does not accept the API key (unknown_account); check that \
                 the API key (NANGO_SECRET_KEY) is the one of this server (NANGO_HOST), and not the webhook signing key"
            ),
        ),
        (
            with("NANGO_HOST", "http://127.0.0.1:1"),
            &[],
            "could not list integrations at 127.0.0.1:1: connection refused; check the Nango host (NANGO_HOST), and whether \
             Nango runs there"
                .to_owned(),
        ),
        (
            with("NANGO_HOST", "nango.example"),
            &[],
            "the Nango host (NANGO_HOST) must be an http or https address without query, such as https://api.nango.dev"
                .to_owned(),
        ),
        (
            with("NANGO_WEBHOOK_SIGNING_KEY", ","),
            &[],
            "the webhook signing key (NANGO_WEBHOOK_SIGNING_KEY) is empty; copy it from Nango's Environment settings"
                .to_owned(),
        ),
        (
            right,
            &["--integrations", "slak"],
            "Nango has no integration `slak`; choose from freshdesk, google-calendar, hubspot, openai, slack".to_owned(),
        ),
        (right, &["--listen", &taken], format!("{taken} is in use; choose another with --listen")),
        (
            right,
            &["--database", "redis://me:secret@localhost/0"],
            "--database takes sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME, not redis:".to_owned(),
        ),
        (
            right,
            &["--queue", "redis://me:secret@localhost/0"],
            "--queue takes sqlite://FILE, postgres://USER@HOST/NAME or nats://HOST, not redis:".to_owned(),
        ),
        (
            right,
            &["--worker-only", "--queue", "sqlite:///no/such/folder/events.db"],
            "cannot open the queue /no/such/folder/events.db: could not connect to the database at events.db: the file \
             cannot be opened (SQLITE_CANTOPEN, code 14); create the file or its folder, and let this program write there"
                .to_owned(),
        ),
    ] {
        let (line, code) = run(&variables, arguments);
        assert_eq!((line, code), (expected, Some(1)));
    }
}

#[cfg(not(feature = "full"))]
#[test]
fn what_is_left_out_of_the_build_is_refused_with_its_feature() {
    let key = ("NANGO_SECRET_KEY", KEY);
    for (is_built, variables, arguments, expected) in [
        (
            cfg!(feature = "tls"),
            &[key][..],
            &[][..],
            "the Nango host (NANGO_HOST, or Nango's cloud) is https, which this build does not have; build with --features tls",
        ),
        (
            cfg!(feature = "tls"),
            &[key, ("NANGO_HOST", "HTTPS://nango.example")],
            &["--worker-only"],
            "the Nango host (NANGO_HOST, or Nango's cloud) is https, which this build does not have; build with --features tls",
        ),
        (
            cfg!(feature = "postgres"),
            &[],
            &["--database", "postgres://me:secret@localhost/app"],
            "--database names PostgreSQL, which this build does not have; build with --features postgres",
        ),
        (
            cfg!(feature = "mysql"),
            &[],
            &["--database", "mysql://me:secret@localhost/app"],
            "--database names MySQL, which this build does not have; build with --features mysql",
        ),
        (
            cfg!(feature = "postgres"),
            &[],
            &["--queue", "postgres://me:secret@localhost/app"],
            "--queue names PostgreSQL, which this build does not have; build with --features postgres",
        ),
        (
            cfg!(feature = "nats"),
            &[],
            &["--queue", "nats://me:secret@localhost"],
            "--queue names NATS, which this build does not have; build with --features nats",
        ),
    ] {
        if !is_built {
            assert_eq!(run(variables, arguments), (expected.to_owned(), Some(1)));
        }
    }
}

/// A self-hosted Nango has its Connect UI elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_nango_without_a_connect_ui_is_named_with_the_remedy() {
    let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
    emulator.fail_calls(CallFaults::status("/connect/", 404, 1));
    let host = emulator.local_url();
    let variables = [
        ("NANGO_HOST", host),
        ("NANGO_SECRET_KEY", emulator.secret_key()),
        ("NANGO_WEBHOOK_SIGNING_KEY", &emulator.signing_key()),
    ];
    let expected = format!(
        "there is no Connect UI at {host}/connect/ (status 404); set NANGO_CONNECT_URL to its address, which for a \
         self-hosted Nango is http://localhost:3009 by default"
    );
    assert_eq!(run(&variables, &["--check"]), (expected, Some(1)));

    let elsewhere = [&variables[..], &[("NANGO_CONNECT_URL", "http://localhost:3009")]].concat();
    emulator.fail_calls(CallFaults::status("/connect/", 404, 1));
    let (line, _) = run(&elsewhere, &["--check"]);
    assert_eq!(line, "ok: a Nango answers; its API does not say which version it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_prints_the_findings_and_exits() {
    let (line, code) = run(&[], &["--check", "--database", "sqlite://app.db"]);
    assert_eq!(code, Some(0), "{line}");
    assert_eq!(line, "ok: a Nango answers; its API does not say which version it is");
}
