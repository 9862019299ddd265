//! `nango-rs sweep --dry-run`

use std::io::Write as _;
use std::process::ExitCode;

use indicatif::ProgressBar;
use nango_core::{BoxError, Drift};
use serde_json::{Value, json};

use crate::app;
use crate::args::SweepArgs;
use crate::database;
use crate::output::FAILED;

/// Compares both sides, prints the differences, and returns 1 if there are any.
pub(crate) async fn run(args: SweepArgs, as_json: bool) -> Result<ExitCode, BoxError> {
    let store = database::open(&args.database).await?;
    // No session is created, so that the ids do not matter.
    let nango = app::builder(store, &args.owners)?.allowed_integrations(["none"]).build()?;
    let bar = ProgressBar::new_spinner();
    let shown = bar.clone();
    let sweep = nango.sweep().dry_run().progress(move |progress| {
        shown.tick();
        shown.set_message(format!("{} connections listed, {} rows read", progress.listed, progress.rows));
    });
    let report = sweep.run().await;
    bar.finish_and_clear();
    let report = report?;
    let drifts = [
        ("missingInStore", "nango has them, the store has not", &report.missing_in_store),
        ("missingAtNango", "the store has them, nango has not", &report.missing_at_nango),
        ("ownerUnknown", "their tags name no known owner, or another one", &report.owner_unknown),
        (
            "duplicate",
            "further connections to an integration that their owner has already",
            &report.duplicate,
        ),
    ];
    let mut out = anstream::stdout().lock();
    if as_json {
        let mut value = json!({"listed": report.listed, "rows": report.rows, "requests": report.requests,
            "updated": report.updated, "unreadable": report.unreadable, "unresolved": report.unresolved});
        for (name, _, drift) in drifts {
            value[name] = to_json(drift, args.show_ids);
        }
        writeln!(out, "{value:#}")?;
    } else {
        writeln!(out, "{report}")?;
        for (_, what, drift) in drifts.iter().filter(|(_, _, drift)| drift.count > 0) {
            writeln!(out, "{:>8}  {what}", drift.count)?;
            for example in drift.examples.iter().filter(|_| args.show_ids) {
                writeln!(out, "          {} {}", example.key.integration(), example.key.connection_id())?;
            }
        }
    }
    // Connections of other apps, and an owner's further ones, are no fault of the tables.
    let is_in_line = report.missing_in_store.count + report.missing_at_nango.count + report.updated == 0;
    Ok(if is_in_line { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn to_json(drift: &Drift, show_ids: bool) -> Value {
    let mut value = json!({"count": drift.count});
    if show_ids {
        let example = |key: &nango_core::ConnectionKey| json!({"integration": key.integration(), "connectionId": key.connection_id()});
        value["examples"] = drift.examples.iter().map(|found| example(&found.key)).collect();
    }
    value
}
