//! `nango-rs doctor`

mod callback;
mod outside;
mod reply;

use std::process::ExitCode;
use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore, MemoryStore, SetupSubject, Verdict};

use crate::app;
use crate::args::{DatabaseArgs, DoctorArgs, OptionalDatabase};
use crate::database;
use crate::output::{self, Finding};

/// Checks everything, prints the findings, and returns the exit code.
pub(crate) async fn run(args: DoctorArgs, as_json: bool) -> Result<ExitCode, BoxError> {
    let mut findings = Vec::new();
    let store = open(&args.database, &mut findings).await;
    match configure(&args, store) {
        Ok(nango) => {
            findings.push(Finding::new("configuration", Verdict::Ok, "complete"));
            let report = nango.check_setup().await;
            let has_store = findings.iter().any(|finding| finding.subject == SetupSubject::Store.as_str());
            for check in report.checks {
                let is_of_the_process = matches!(
                    check.subject,
                    SetupSubject::Sweeper | SetupSubject::Webhooks | SetupSubject::Environment
                );
                let is_known = has_store && check.subject == SetupSubject::Store;
                if !is_of_the_process && !is_known {
                    let mut finding = check.finding;
                    if check.subject == SetupSubject::OtherApps
                        && check.verdict == Verdict::Warning
                        && args.owners.app_name.is_none()
                    {
                        finding.push_str("; a name that it has already is given here with --app-name");
                    }
                    findings.push(Finding::new(check.subject.as_str(), check.verdict, finding));
                }
            }
            if let Some(url) = &args.app {
                findings.extend(outside::check(url, args.callback.as_ref(), &nango).await?);
            }
        }
        Err(error) => findings.push(Finding::new("configuration", Verdict::Failed, error.to_string())),
    }
    Ok(output::print(&findings, as_json)?)
}

fn configure(args: &DoctorArgs, store: Arc<dyn ConnectionStore>) -> Result<nango_core::Nango, BoxError> {
    if args.integrations.is_empty() {
        return Err(
            "no integration is named; give the app's with --integrations or NANGO_INTEGRATIONS".into()
        );
    }
    Ok(app::builder(store, &args.owners)?.allowed_integrations(&args.integrations).build()?)
}

/// Opens the app's database. Where that is not possible, adds a finding and returns a store in memory.
async fn open(args: &OptionalDatabase, findings: &mut Vec<Finding>) -> Arc<dyn ConnectionStore> {
    let subject = SetupSubject::Store.as_str();
    let finding = match &args.url {
        None => Finding::new(subject, Verdict::NotCheckable, "no --database is given"),
        Some(url) => {
            let args = DatabaseArgs { url: url.clone(), table_prefix: args.table_prefix.clone() };
            match database::open(&args).await {
                Ok(store) => return store,
                Err(error) => Finding::new(subject, Verdict::Failed, error.to_string()),
            }
        }
    };
    findings.push(finding);
    Arc::new(MemoryStore::new())
}
