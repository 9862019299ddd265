//! The checks themselves, each apart.

use nango_client::{
    Cause, Connection, ConnectionKey, ConnectionPage, Error as ClientError, ErrorKind, Integration, Refresh,
};

use super::report::SetupSubject as Subject;
use super::report::{SetupReport, Verdict};
use crate::engine::Engine;
use crate::owner::{Attribution, AttributionFailure};

/// The connections of which the owner is read.
const SAMPLE: u32 = 100;

/// The number of calls that a check may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// At most three calls: many processes may start at once, and share Nango's rate limit.
    Start,
    /// All calls.
    Full,
}

/// Checks the set-up. Every subject has a finding, also where another failure stands in the way.
pub(crate) async fn check(engine: &Engine, allowed: &[String], depth: Depth) -> SetupReport {
    let mut report = SetupReport::default();
    let integrations = engine.client.integrations().await;
    if add_host_and_key(&mut report, engine, &integrations) {
        add_integrations(&mut report, &integrations, allowed);
        add_connect_sessions(&mut report, engine.client.check_connect_sessions().await);
        let page = engine.list.connections().limit(SAMPLE).send().await;
        add_list(&mut report, engine, &page);
        if depth == Depth::Full {
            let sample = page.ok().and_then(|page| page.into_iter().next());
            add_read_credentials(&mut report, may_read_credentials(engine, sample).await);
        }
    } else {
        for subject in [Subject::Integrations, Subject::ConnectSessions, Subject::ListConnections] {
            report.add(subject, Verdict::NotCheckable, "nango does not answer this key");
        }
    }
    add_deliveries(&mut report, engine);
    match engine.store.check().await {
        Ok(()) => report.add(Subject::Store, Verdict::Ok, "reached, with its tables, and written"),
        Err(error) => report.add(Subject::Store, Verdict::Failed, error.to_string()),
    }
    if engine.sweepers() > 0 {
        report.add(Subject::Sweeper, Verdict::Ok, "runs in this process");
    } else {
        let finding = "this process runs no sweeper, which looks at marked connections and makes up for lost webhooks; \
                       call `nango.spawn_sweeper(..)`, unless another process of the app does";
        report.add(Subject::Sweeper, Verdict::Warning, finding);
    }
    report
}

/// Adds findings about the host and the key. Returns `false` if further calls would fail, too.
fn add_host_and_key(
    report: &mut SetupReport,
    engine: &Engine,
    answer: &Result<Vec<Integration>, ClientError>,
) -> bool {
    let Err(error) = answer else {
        add_host(report, engine);
        report.add(Subject::ApiKey, Verdict::Ok, "accepted");
        return true;
    };
    match error.kind() {
        ErrorKind::Unauthorized => {
            add_host(report, engine);
            if let Some(Cause::MissingScope(_)) = error.cause() {
                report.add(Subject::ApiKey, Verdict::Ok, "accepted");
                return true;
            }
            report.add(Subject::ApiKey, Verdict::Failed, error.to_string());
        }
        ErrorKind::RateLimited => {
            report.add(Subject::Host, Verdict::Warning, error.to_string());
            report.add(Subject::ApiKey, Verdict::NotCheckable, "nango's rate limit is used up");
        }
        _ => {
            report.add(Subject::Host, Verdict::Failed, error.to_string());
            report.add(Subject::ApiKey, Verdict::NotCheckable, "nango cannot be asked");
        }
    }
    false
}

/// Adds the finding about a host that answers: whether browsers reach it, too.
fn add_host(report: &mut SetupReport, engine: &Engine) {
    if engine.client.sends_browsers_to_internal_name() {
        let finding = format!(
            "a Nango answers, but browsers are sent to {}, a name that only machines of one network know; set Nango's \
             address for browsers (NANGO_PUBLIC_SERVER_URL, or `.public_host(..)`)",
            engine.client.public_url()
        );
        return report.add(Subject::Host, Verdict::Warning, finding);
    }
    report.add(Subject::Host, Verdict::Ok, "a Nango answers; its API does not say which version it is");
}

fn add_integrations(
    report: &mut SetupReport,
    answer: &Result<Vec<Integration>, ClientError>,
    allowed: &[String],
) {
    let existing = match answer {
        Ok(existing) => existing,
        Err(error) => return report.add(Subject::Integrations, Verdict::NotCheckable, error.to_string()),
    };
    let is_missing = |id: &&String| !existing.iter().any(|integration| integration.id == **id);
    let missing: Vec<_> = allowed.iter().filter(is_missing).map(String::as_str).collect();
    if missing.is_empty() {
        let finding = format!("{} allowed, all of them exist", allowed.len());
        return report.add(Subject::Integrations, Verdict::Ok, finding);
    }
    let finding = format!(
        "the environment has no integration {}, so that no connect session can be created; create it in Nango, or correct \
         the id in `.allowed_integrations([..])`",
        missing.join(", ")
    );
    report.add(Subject::Integrations, Verdict::Failed, finding);
}

fn add_connect_sessions(report: &mut SetupReport, answer: Result<(), ClientError>) {
    match answer {
        Ok(()) => report.add(Subject::ConnectSessions, Verdict::Ok, "the key may create them"),
        Err(error) => report.add(Subject::ConnectSessions, verdict_of(&error), error.to_string()),
    }
}

/// Adds findings about the list, and about the owners of its connections.
fn add_list(report: &mut SetupReport, engine: &Engine, answer: &Result<ConnectionPage, ClientError>) {
    let page = match answer {
        Ok(page) => page,
        Err(error) if error.kind() == ErrorKind::Unauthorized => {
            let finding = format!(
                "{error}. Webhooks and checks work without it; syncs and sweeps need such a key, which `.list_key(..)` can \
                 be"
            );
            return report.add(Subject::ListConnections, Verdict::Warning, finding);
        }
        Err(error) => return report.add(Subject::ListConnections, verdict_of(error), error.to_string()),
    };
    report.add(Subject::ListConnections, Verdict::Ok, "the key may list them");
    if page.is_empty() {
        return report.add(Subject::OtherApps, Verdict::Ok, "the environment has no connections yet");
    }
    let (mut ours, mut foreign, mut unnamed, mut unowned) = (0, 0, 0, 0);
    for connection in page {
        match engine.kinds.attribute(&connection.tags) {
            Attribution::Owner(_) => ours += 1,
            Attribution::Failed(AttributionFailure::MissingKind) => unnamed += 1,
            Attribution::Failed(AttributionFailure::ForeignKind)
                if engine.kinds.has_older_name(&connection.tags) =>
            {
                unnamed += 1;
            }
            Attribution::Failed(AttributionFailure::ForeignKind) => foreign += 1,
            Attribution::Failed(_) => unowned += 1,
        }
    }
    let counts = format!(
        "of the newest {} connections {ours} are this app's, {foreign} of other apps or kinds, {unnamed} without an app's \
         name, {unowned} without an owner",
        page.len()
    );
    let (verdict, remedy) = if unnamed > 0 {
        (Verdict::Warning, "; if they are this app's, claim them with `.adopt_unnamed(..)`")
    } else if foreign > 0 && !engine.kinds.has_app_name() {
        (
            Verdict::Warning,
            "; give each app of the environment a name with `.app(\"..\")`, so that they do not share users",
        )
    } else {
        (Verdict::Ok, "")
    };
    report.add(Subject::OtherApps, verdict, counts + remedy);
}

/// Checks whether the key may read credentials: those of a connection, or by a forced refresh of one
/// that does not exist. Returns `false` where Nango does not say.
async fn may_read_credentials(engine: &Engine, sample: Option<Connection>) -> Result<bool, ClientError> {
    let Some(Connection { key, .. }) = sample else {
        let nothing = ConnectionKey::new("nango-setup-check", "nango-setup-check");
        return engine.client.look_up(&nothing, Refresh::Force).await.map(|_| false);
    };
    match engine.client.token(&key).await {
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::InvalidCredentials | ErrorKind::NotATokenCredential => Ok(true),
            ErrorKind::NotFound => Ok(false),
            _ => Err(error),
        },
    }
}

fn add_read_credentials(report: &mut SetupReport, answer: Result<bool, ClientError>) {
    match answer {
        Ok(true) => report.add(Subject::ReadCredentials, Verdict::Ok, "the key may read them"),
        Ok(false) => {
            let finding = "nango does not say before there is a connection";
            report.add(Subject::ReadCredentials, Verdict::NotCheckable, finding);
        }
        Err(error) => {
            let finding =
                format!("{error}. Without it nango refreshes nothing when a connection is looked at");
            report.add(Subject::ReadCredentials, verdict_of(&error), finding);
        }
    }
}

/// Adds what the last delivery has proved.
fn add_deliveries(report: &mut SetupReport, engine: &Engine) {
    let Some(last) = engine.last_delivery() else {
        let finding =
            "none has arrived since this process started: connect an account, and see whether one does";
        report.add(Subject::Webhooks, Verdict::NotCheckable, finding);
        let finding = "nango names it only in its deliveries";
        return report.add(Subject::Environment, Verdict::NotCheckable, finding);
    };
    report.add(
        Subject::Webhooks,
        Verdict::Ok,
        format!("the last one with a right signature came at {}", last.at),
    );
    match (&engine.environment, last.environment) {
        (_, None) => {
            let finding = "the last delivery did not name it";
            report.add(Subject::Environment, Verdict::NotCheckable, finding);
        }
        (Some(ours), Some(theirs)) if *ours != theirs => {
            let finding = format!(
                "deliveries come from `{theirs}`, and the app is for `{ours}`; remove this app's webhook URL there, or correct \
                 `.environment(..)`"
            );
            report.add(Subject::Environment, Verdict::Failed, finding);
        }
        (_, Some(theirs)) => {
            report.add(Subject::Environment, Verdict::Ok, format!("deliveries come from `{theirs}`"));
        }
    }
}

/// Returns the verdict about a subject whose check failed.
fn verdict_of(error: &ClientError) -> Verdict {
    if error.is_retryable() { Verdict::NotCheckable } else { Verdict::Failed }
}
