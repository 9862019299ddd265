//! Queues of events in processes that are killed.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod backlog;
mod figures;
mod fleet;
mod journal;
mod kills;
mod outages;
mod poison;

use nango_tests::unique_name;
use tempfile::TempDir;

/// A queue of one test.
struct Place {
    url: String,
    prefix: String,
    folder: TempDir,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/queue.db", folder.path().display());
        Self { url, prefix: "nango_".to_owned(), folder }
    }

    fn postgres() -> Self {
        let url = nango_tests::service_url("NANGO_TEST_POSTGRES_URL");
        Self { url, prefix: format!("{}_", unique_name()), folder: tempfile::tempdir().unwrap() }
    }

    fn nats() -> Self {
        let url = nango_tests::service_url("NANGO_TEST_NATS_URL");
        Self { url, prefix: unique_name(), folder: tempfile::tempdir().unwrap() }
    }

    fn log(&self) -> String {
        self.folder.path().join("handled.log").display().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        nango_tests::delete_queue(&self.url, &self.prefix);
    }
}

/// A number of the environment, for a longer run than that of every day.
fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}
