//! `nango-rs events status`

use std::io::Write as _;
use std::process::ExitCode;

use nango_core::{BoxError, WorkQueue};
use serde_json::{Value, json};

use super::letter::Summary;
use super::table;
use crate::args::StatusArgs;
use crate::output::FAILED;

/// The number of dead letters that are named.
const OLDEST: usize = 5;

/// Prints the number of events in each state, and the oldest dead letters.
pub(crate) async fn run(
    queue: &dyn WorkQueue,
    args: &StatusArgs,
    as_json: bool,
) -> Result<ExitCode, BoxError> {
    let depth = queue.depth().await?;
    let oldest = queue.dead_letters(None, OLDEST).await?;
    let mut out = anstream::stdout().lock();
    if as_json {
        let oldest: Vec<Value> = oldest.iter().map(|letter| Summary::of(letter).to_json()).collect();
        let value =
            json!({"waiting": depth.waiting, "claimed": depth.claimed, "dead": depth.dead, "oldest": oldest});
        writeln!(out, "{value:#}")?;
    } else {
        let letters = if depth.dead == 1 { "dead letter" } else { "dead letters" };
        for (count, state) in [(depth.waiting, "waiting"), (depth.claimed, "claimed"), (depth.dead, letters)]
        {
            writeln!(out, "{count:>8}  {state}")?;
        }
        if !oldest.is_empty() {
            let is_part = usize::try_from(depth.dead).is_ok_and(|dead| dead > oldest.len());
            writeln!(out, "{}", if is_part { "\nthe oldest of these:" } else { "" })?;
            table::write(&mut out, &oldest, true, table::terminal())?;
        }
    }
    let is_failure = args.fail_if_dead && depth.dead > 0;
    Ok(if is_failure { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}
