//! A Nango in a process of its own: a stub, or the emulator.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::outcome::Outcome;
use crate::part::part;

/// A running Nango, which is killed when this is dropped.
pub(crate) struct Nango {
    process: Child,
    url: String,
    key: String,
}

impl Nango {
    pub(crate) fn start(connections: u32, emulator: Option<&Path>) -> Outcome<Self> {
        let Some(emulator) = emulator else {
            let mut stub = part("stub")?;
            return Self::spawn(stub.args(["--connections", &connections.to_string()]));
        };
        let mut command = Command::new(emulator);
        let nango = Self::spawn(command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()))?;
        let tags = json!({"end_user_id": "user-{n}", "owner_kind": "user"});
        let body = json!({"integration": "openai", "count": connections, "tags": tags});
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let request = reqwest::Client::new().post(format!("{}/_emulator/connections", nango.url));
            let request = request.bearer_auth(&nango.key).header("content-type", "application/json");
            request.body(body.to_string()).send().await?.error_for_status()
        })?;
        Ok(nango)
    }

    /// Starts a program that prints its address and the key.
    fn spawn(command: &mut Command) -> Outcome<Self> {
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let (mut url, mut key) = (None, None);
        for line in BufReader::new(output).lines() {
            match line?.split_once('=') {
                Some(("url", value)) => url = Some(value.replace("localhost", "127.0.0.1")),
                Some(("secret_key", value)) => key = Some(value.to_owned()),
                _ => {}
            }
            if url.is_some() && key.is_some() {
                break;
            }
        }
        let mut nango = Self { process, url: String::new(), key: String::new() };
        (nango.url, nango.key) = (url.ok_or("no url")?, key.ok_or("no key")?);
        Ok(nango)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

impl Drop for Nango {
    fn drop(&mut self) {
        // Fails where it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
