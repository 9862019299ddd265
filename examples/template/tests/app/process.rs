//! The program: its commands, a mail over SMTP, and its end.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::database::Database;
use crate::needs_postgres;
use crate::rig::{PASSWORD, emulator, eventually, variables};

fn program(variables: &[(&'static str, String)]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_app"));
    program.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
    program
}

#[test]
fn without_a_configuration_it_says_what_is_missing() {
    let output = program(&[]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("DATABASE_URL is missing") && text.contains("NANGO_SECRET_KEY is missing"),
        "{text}"
    );
    let unknown = program(&[]).arg("--serve").output().unwrap();
    assert!(String::from_utf8(unknown.stderr).unwrap().starts_with("usage: app"));
}

fn add_user(variables: &[(&'static str, String)]) -> Output {
    let mut child = program(variables)
        .args(["add-user", "alice@example.com"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery\n").unwrap();
    child.wait_with_output().unwrap()
}

/// Refuses a first mail, takes the next one, as a server does that offers nothing, and returns its lines.
async fn take_mail(listener: TcpListener) -> Vec<String> {
    let (mut busy, _) = listener.accept().await.unwrap();
    busy.write_all(b"421 alice@example.com has to wait\r\n").await.unwrap();
    drop(busy);
    let (stream, _) = listener.accept().await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut mail = Vec::new();
    writer.write_all(b"220 test\r\n").await.unwrap();
    let mut in_data = false;
    while let Some(line) = lines.next_line().await.unwrap() {
        let answer: &[u8] = match line.as_str() {
            "DATA" => {
                in_data = true;
                b"354 go on\r\n"
            }
            "." => {
                writer.write_all(b"250 taken\r\n").await.unwrap();
                return mail;
            }
            _ if in_data => {
                mail.push(line);
                continue;
            }
            _ => b"250 fine\r\n",
        };
        writer.write_all(answer).await.unwrap();
    }
    panic!("the mail broke off: {mail:?}");
}

needs_postgres! {
    async fn it_migrates_serves_mails_and_stops() {
        let (database, emulator) = (Database::create().await, emulator().await);
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let url = format!("http://{address}");
        emulator.set_webhook_url(format!("{url}/nango/webhook"));
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut variables = variables(&database.url(), &emulator, &url).to_vec();
        variables.retain(|(name, _)| *name != "SMTP_URL");
        variables.push(("SMTP_URL", format!("smtp://{}", smtp.local_addr().unwrap())));
        variables.push(("LISTEN", address.to_string()));
        variables.push(("MIGRATE", "by-hand".to_owned()));
        variables.push(("RUST_LOG", "info,app_template=trace,nango_core=trace".to_owned()));

        let refused = program(&variables).output().unwrap();
        assert!(!refused.status.success(), "the tables are missing");
        assert!(program(&variables).arg("migrate").status().unwrap().success());
        assert!(program(&variables).arg("migrate").status().unwrap().success(), "twice is once");
        assert!(!program(&variables).arg("healthcheck").status().unwrap().success(), "nothing runs yet");
        let added = add_user(&variables);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        assert!(!add_user(&variables).status.success(), "there is one");

        let child = program(&variables).stderr(Stdio::piped()).spawn().unwrap();
        let is_healthy = async || program(&variables).arg("healthcheck").output().unwrap().status.success();
        eventually("a healthy app", is_healthy).await;

        let alice = Browser::new(&url);
        assert_eq!(alice.log_in("alice@example.com", PASSWORD).await.status, 303);
        let session = alice.post("/nango/session-token", &json!({})).await.json();
        let token = session["sessionToken"].as_str().unwrap();
        let made = emulator.connect(token, "slack", nango_emulator::Credentials::oauth2()).await.unwrap();
        let row = async || alice.get("/nango/connections").await.json()[0].clone();
        eventually("a row", async || row().await.is_object()).await;
        let path = format!("/nango/connections/{}/check", row().await["handle"].as_str().unwrap());
        emulator.revoke("slack", &made.connection_id).await.unwrap();
        let (mail, ()) = tokio::join!(take_mail(smtp), async {
            let is_proved = async || alice.post(&path, &json!({})).await.json()["health"] == "needs_reconnect";
            eventually("a proof", is_proved).await;
        });
        assert!(mail.iter().any(|line| line == "To: alice@example.com"), "{mail:?}");

        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{log}");
        assert!(log.contains("stopping"), "{log}");
        let secrets = [
            ("an e-mail address", "alice@"),
            ("a password", "battery"),
            ("a connection id", &made.connection_id),
            ("the API key", emulator.secret_key()),
            ("a session token", token),
            ("a cookie", alice.cookie().unwrap().strip_prefix("session=").unwrap()),
        ]
        .map(|(what, secret)| (what, secret.to_owned()));
        for (what, secret) in secrets {
            assert!(!log.contains(&secret), "{what} is in the log: {log}");
        }
    }
}
