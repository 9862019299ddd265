//! `nango-rs connections`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use nango_core::{BoxError, ConnectionKey, Record};
use serde_json::{Value, json};

use crate::args::ConnectionsArgs;
use crate::database;

const PAGE: usize = 1000;

/// Lists the rows, and their number by integration and health.
pub(crate) async fn run(args: ConnectionsArgs, as_json: bool) -> Result<ExitCode, BoxError> {
    let store = database::open(&args.database).await?;
    let mut out = anstream::stdout().lock();
    let (mut counts, mut after) = (BTreeMap::<_, usize>::new(), None::<ConnectionKey>);
    if as_json {
        write!(out, "{{\"connections\": [")?;
    }
    let mut separator = "\n";
    loop {
        let page = store.page(after.as_ref(), PAGE).await?;
        for row in page.iter().filter(|row| !row.removed) {
            *counts.entry((row.key.integration().to_owned(), row.health().as_str())).or_default() += 1;
            if as_json {
                write!(out, "{separator}{}", to_json(row, args.show_ids))?;
                separator = ",\n";
            } else {
                writeln!(out, "{}", to_line(row, args.show_ids))?;
            }
        }
        match page.into_iter().last() {
            Some(last) => after = Some(last.key),
            None => break,
        }
    }
    if as_json {
        writeln!(out, "\n]}}")?;
    } else {
        writeln!(out)?;
        for ((integration, health), count) in counts {
            writeln!(out, "{count:>8}  {integration} {health}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn to_line(row: &Record, show_ids: bool) -> String {
    let owner = row.owner.as_ref().map_or("no owner", |owner| owner.kind());
    let waits = if row.look_again_at.is_some() { ", to be looked at again" } else { "" };
    let mut line = format!("{}  {}  {owner}{waits}", row.key.integration(), row.health());
    if show_ids {
        let owner = row.owner.as_ref().map_or("", |owner| owner.id());
        line += &format!("  {}  {owner}", row.key.connection_id());
    }
    line
}

fn to_json(row: &Record, show_ids: bool) -> Value {
    let mut value = json!({
        "integration": row.key.integration(),
        "health": row.health().as_str(),
        "ownerKind": row.owner.as_ref().map(nango_core::Owner::kind),
        "lookAgainAt": row.look_again_at.map(|at| at.to_string()),
    });
    if show_ids {
        value["connectionId"] = row.key.connection_id().into();
        value["ownerId"] = row.owner.as_ref().map(nango_core::Owner::id).into();
    }
    value
}
