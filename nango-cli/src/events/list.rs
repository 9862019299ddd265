//! `nango-rs events list`

use std::io::Write as _;
use std::process::ExitCode;

use nango_core::{BoxError, WorkQueue};
use serde_json::json;

use super::letter::Summary;
use super::lookup::PAGE;
use super::table;
use super::text::escape;
use crate::args::ListArgs;

/// Lists dead letters, and names the key to go on after if there are more.
pub(crate) async fn run(queue: &dyn WorkQueue, args: ListArgs, as_json: bool) -> Result<ExitCode, BoxError> {
    let mut out = anstream::stdout().lock();
    let (mut after, mut left, mut is_first) = (args.after, args.limit.get(), true);
    if as_json {
        write!(out, "{{\"deadLetters\": [")?;
    }
    let next = loop {
        // After the last one, only whether there is another.
        let page = queue.dead_letters(after.as_deref(), left.clamp(1, PAGE)).await?;
        let Some(last) = page.last() else { break None };
        if left == 0 {
            break after;
        }
        if as_json {
            for letter in &page {
                write!(out, "{}{}", if is_first { "\n" } else { ",\n" }, Summary::of(letter).to_json())?;
                is_first = false;
            }
        } else {
            table::write(&mut out, &page, is_first, table::terminal())?;
            is_first = false;
        }
        after = Some(last.key.clone());
        left = left.saturating_sub(page.len());
    };
    if as_json {
        writeln!(out, "\n], \"next\": {}}}", json!(next))?;
    } else if let Some(next) = next {
        writeln!(out, "\nthere are more: --after {}", escape(&next))?;
    } else if is_first {
        writeln!(out, "no dead letters")?;
    }
    Ok(ExitCode::SUCCESS)
}
