//! `nango-rs events replay` and `nango-rs events drop`

use std::io::Write as _;
use std::process::ExitCode;

use indicatif::ProgressBar;
use nango_core::{BoxError, StoreError, WorkQueue};
use serde_json::json;

use super::lookup::all_keys;
use super::show::unknown;
use crate::args::ChosenLetters;
use crate::output::FAILED;

/// What becomes of dead letters.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Drop,
    Replay,
}

impl Change {
    /// Returns whether there was a dead letter with this key.
    async fn apply(self, queue: &dyn WorkQueue, key: &str) -> Result<bool, StoreError> {
        match self {
            Self::Drop => queue.discard(key).await,
            Self::Replay => queue.replay(key).await,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Drop => "dropped",
            Self::Replay => "replayed",
        }
    }
}

/// Changes the chosen dead letters. Returns 1 if a key that was named is not the key of one.
pub(crate) async fn run(
    queue: &dyn WorkQueue,
    change: Change,
    ChosenLetters { mut keys, all }: ChosenLetters,
    as_json: bool,
) -> Result<ExitCode, BoxError> {
    if all {
        // Read to the end before the first change: an event that is replayed, and dies again at once, is changed
        // once.
        keys = all_keys(queue).await?;
    }
    keys.sort();
    keys.dedup();
    let (mut done, mut missing) = (0_usize, Vec::new());
    let bar = ProgressBar::new(keys.len().try_into()?);
    for key in &keys {
        match change.apply(queue, key).await {
            Ok(true) => done += 1,
            // Of all, another command may have changed one meanwhile.
            Ok(false) if all => {}
            Ok(false) => missing.push(key),
            Err(error) => {
                bar.finish_and_clear();
                return Err(format!("{error}; {done} of {} were {} before", keys.len(), change.done()).into());
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let mut out = anstream::stdout().lock();
    if as_json {
        writeln!(out, "{:#}", json!({change.done(): done, "unknown": missing}))?;
    } else {
        writeln!(out, "{done} {}", change.done())?;
    }
    for key in &missing {
        anstream::eprintln!("nango-rs: {}", unknown(key));
    }
    Ok(if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}
