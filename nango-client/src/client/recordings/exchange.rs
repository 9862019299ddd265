//! Recorded exchanges and webhooks.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Deserialize;

/// An exchange that the table is for, with the name of its file.
pub(super) struct Exchange {
    pub(super) file: String,
    pub(super) request: Request,
    pub(super) response: Response,
}

#[derive(Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
}

#[derive(Deserialize)]
pub(super) struct Response {
    pub(super) status: u16,
    #[serde(default)]
    pub(super) body: Option<String>,
}

#[derive(Deserialize)]
struct Recording {
    request: Option<Request>,
    response: Option<Response>,
    /// The bytes of a webhook.
    raw_body: Option<String>,
}

impl Exchange {
    /// Returns the path without its parameters.
    pub(super) fn path(&self) -> &str {
        self.request.path.split('?').next().unwrap_or_default()
    }

    pub(super) fn body(&self) -> &str {
        self.response.body.as_deref().unwrap_or_default()
    }

    /// Returns `true` if method and path are these. A part of the path in braces stands for any part, and
    /// `**` at its end for any rest.
    pub(super) fn is(&self, method: &str, path: &str) -> bool {
        let (wanted, found) = (path.split('/'), self.path().split('/'));
        let mut found = found.peekable();
        for part in wanted {
            if part == "**" {
                return self.request.method == method;
            }
            match found.next() {
                Some(other) if part == other || part.starts_with('{') && !other.is_empty() => {}
                _ => return false,
            }
        }
        found.peek().is_none() && self.request.method == method
    }
}

/// Returns all recorded exchanges, without calls of an SDK that it refused to send.
pub(super) fn exchanges() -> Vec<Exchange> {
    let exchange = |(file, Recording { request, response, .. })| {
        Some(Exchange { file, request: request?, response: response? })
    };
    let found: Vec<_> = recordings().filter_map(exchange).collect();
    assert!(found.len() > 400, "{} recordings are too few", found.len());
    found
}

/// Returns all recorded webhooks, with the names of their files.
pub(crate) fn webhooks() -> Vec<(String, Bytes)> {
    let webhook = |(file, Recording { raw_body, .. })| Some((file, Bytes::from(raw_body?)));
    let found: Vec<_> = recordings().filter_map(webhook).collect();
    assert!(found.len() > 60, "{} webhooks are too few", found.len());
    found
}

fn recordings() -> impl Iterator<Item = (String, Recording)> {
    let wire = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/wire");
    let folders = ["functions/recordings", "functions/unplayed", "recordings"];
    folders.into_iter().flat_map(move |folder| recordings_in(&wire.join(folder)))
}

fn recordings_in(folder: &Path) -> Vec<(String, Recording)> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("the recordings are missing at {}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let recording = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        (file, recording)
    };
    files.into_iter().map(read).collect()
}
