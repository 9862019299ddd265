//! The check that a sweeper makes once, when it starts.

use std::time::Duration;

use super::check::{Depth, check};
use super::report::Verdict;
use crate::engine::Engine;

const LEASE_NAME: &str = "setup";

/// The time in which one of several instances that start together makes the check.
const LEASE: Duration = Duration::from_secs(60);

/// Checks the set-up and logs the findings, unless another instance has just done so.
pub(crate) async fn check_at_start(engine: &Engine, allowed: &[String]) {
    if let Some(lease) = engine.store.lease() {
        let holder = format!("{:032x}", rand::random::<u128>());
        // A store that fails is a finding.
        if let Ok(false) = lease.acquire(LEASE_NAME, &holder, LEASE).await {
            tracing::info!("the set-up is not checked here: another instance has done it within a minute");
            return;
        }
    }
    let report = check(engine, allowed, Depth::Start).await;
    for check in &report.checks {
        let (subject, finding) = (check.subject.as_str(), &check.finding);
        match check.verdict {
            Verdict::Failed | Verdict::Warning => tracing::warn!(subject, "set-up: {finding}"),
            Verdict::Ok | Verdict::NotCheckable => {
                tracing::debug!(subject, verdict = check.verdict.as_str(), "set-up: {finding}");
            }
        }
    }
    let problems = report.problems().count();
    tracing::info!(problems, "the set-up was checked");
}
