//! `nango-rs events show`

use std::io::Write as _;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nango_core::{BoxError, WorkQueue};
use serde_json::Value;

use super::letter::{Summary, UNREADABLE};
use super::lookup::find;
use super::text::{escape, escape_lines};
use crate::args::ShowArgs;

/// Prints what is known of a dead letter, and the customer's part of it only on demand.
pub(crate) async fn run(queue: &dyn WorkQueue, args: &ShowArgs, as_json: bool) -> Result<ExitCode, BoxError> {
    let letter = find(queue, &args.key).await?.ok_or_else(|| unknown(&args.key))?;
    let summary = Summary::of(&letter);
    let mut out = anstream::stdout().lock();
    if as_json {
        writeln!(out, "{:#}", to_json(&summary, args.body))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (label, text) in facts(&summary, args.body) {
        writeln!(out, "{label:<11}  {text}")?;
    }
    // A text that a person wrote may have lines.
    let mut label = "reason";
    for line in escape_lines(&letter.reason) {
        writeln!(out, "{}", format!("{label:<11}  {line}").trim_end())?;
        label = "";
    }
    if args.body {
        writeln!(out)?;
        let body = match &summary.event {
            Some(event) => String::from_utf8_lossy(event.body()),
            None => (&*letter.event).into(),
        };
        for line in escape_lines(&body) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the error for a key that no dead letter has.
pub(crate) fn unknown(key: &str) -> String {
    format!("no dead letter has the key {}; `nango-rs events list` has the keys", escape(key))
}

/// The facts in a line each.
fn facts(summary: &Summary<'_>, with_ids: bool) -> Vec<(&'static str, String)> {
    let letter = summary.letter;
    let mut facts = vec![("key", escape(&letter.key)), ("since", letter.since.to_string())];
    match &summary.event {
        Some(event) => {
            facts.push(("received", event.received_at().to_string()));
            facts.push(("kind", event.kind().to_string()));
            facts.push(("integration", escape(event.connection().integration())));
            if with_ids {
                facts.push(("connection", escape(event.connection().connection_id())));
            }
            facts.extend(summary.sync().into_iter().map(|(label, name)| (label, escape(name))));
            facts.push(("body", format!("{} bytes", event.body().len())));
            facts.push(("fingerprint", event.fingerprint()));
        }
        None => {
            let why =
                "written by a newer version of the library, which has to handle it, or by something else";
            facts.push(("kind", format!("{UNREADABLE}: {why}")));
        }
    }
    facts.push(("failures", letter.failures.to_string()));
    facts.push(("deaths", letter.deaths.to_string()));
    facts
}

fn to_json(summary: &Summary<'_>, with_body: bool) -> Value {
    let mut value = summary.to_json();
    for (label, name) in summary.sync() {
        value[label] = name.into();
    }
    match &summary.event {
        Some(event) => {
            value["receivedAt"] = event.received_at().to_string().into();
            value["bodyBytes"] = event.body().len().into();
            value["fingerprint"] = event.fingerprint().into();
            if with_body {
                value["connectionId"] = event.connection().connection_id().into();
                // Byte for byte, which JSON cannot have in another way.
                match std::str::from_utf8(event.body()) {
                    Ok(text) => value["body"] = text.into(),
                    Err(_) => value["bodyBase64"] = STANDARD.encode(event.body()).into(),
                }
            }
        }
        None if with_body => value["stored"] = (&*summary.letter.event).into(),
        None => {}
    }
    value
}
