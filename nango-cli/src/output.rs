//! Findings on the terminal, and as JSON.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use nango_core::Verdict;
use serde_json::{Value, json};

/// The exit code when something is not well.
pub(crate) const FAILED: u8 = 1;

/// The finding of one check.
pub(crate) struct Finding {
    pub(crate) subject: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) text: String,
}

impl Finding {
    pub(crate) fn new(subject: &'static str, verdict: Verdict, text: impl Into<String>) -> Self {
        Self { subject, verdict, text: text.into() }
    }
}

/// Prints findings, and returns the exit code.
pub(crate) fn print(findings: &[Finding], as_json: bool) -> io::Result<ExitCode> {
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Failed).count();
    let mut out = anstream::stdout().lock();
    if as_json {
        let checks: Vec<Value> = findings.iter().map(to_json).collect();
        writeln!(out, "{:#}", json!({"ok": failed == 0, "checks": checks}))?;
    } else {
        let width = findings.iter().map(|finding| finding.subject.len()).max().unwrap_or_default();
        for Finding { subject, verdict, text } in findings {
            let (mark, style) = mark(*verdict);
            writeln!(out, "{style}{mark:<4}{style:#}  {subject:<width$}  {text}")?;
        }
        let summary = match failed {
            0 => "\nno check failed".to_owned(),
            1 => "\n1 check failed".to_owned(),
            failed => format!("\n{failed} checks failed"),
        };
        writeln!(out, "{summary}")?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn to_json(finding: &Finding) -> Value {
    let Finding { subject, verdict, text } = finding;
    json!({"subject": subject, "verdict": verdict.as_str(), "finding": text})
}

fn mark(verdict: Verdict) -> (&'static str, Style) {
    let (mark, color) = match verdict {
        Verdict::Ok => ("ok", AnsiColor::Green),
        Verdict::Warning => ("warn", AnsiColor::Yellow),
        Verdict::Failed => ("FAIL", AnsiColor::Red),
        Verdict::NotCheckable => ("?", AnsiColor::BrightBlack),
    };
    (mark, color.on_default())
}
