//! Walking through everything that Nango has, and through everything that we have.

mod report;
mod rows;
mod walk;

use std::fmt;

pub use report::{Drift, DriftExample, ResumePoint, SweepProgress, SweepReport};

use super::Nango;
use crate::error::Error;
use walk::Walk;

/// How many connections are listed at a time by default.
const PAGE: u32 = 1000;

/// The most that Nango lists at a time (observed on 0.71.4).
const LARGEST_PAGE: u32 = 2000;

/// A sweep that is about to be made.
#[must_use = "a sweep is made by `.run()`"]
pub struct SweepRequest {
    nango: Nango,
    dry_run: bool,
    budget: u32,
    page: u32,
    allow_mass_removal: bool,
    resume: Option<ResumePoint>,
    progress: Option<Box<dyn Fn(SweepProgress) + Send + Sync>>,
}

impl Nango {
    /// Prepares a sweep: it walks through all connections of the environment and brings the store in line with them.
    ///
    /// A sweep finds what no webhook told of: deliveries that were lost, connections that were deleted in Nango's dashboard
    /// (Nango sends nothing for those), and tags that were changed. It needs a key that may list connections. Memory: 16
    /// bytes for each connection, and a page.
    ///
    /// Pages shift while connections come and go. So what differs is looked at once more after its row was read, and a
    /// connection that was in no page is looked up by its id before it is taken for gone; four at a time are. While little
    /// is left of Nango's rate limit a sweep waits, so that webhooks and people can be served.
    ///
    /// ```
    /// # async fn run(nango: nango_core::Nango) -> Result<(), nango_core::Error> {
    /// let report = nango.sweep().dry_run().run().await?;
    /// println!("{} connections that we do not know", report.missing_here.count);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sweep(&self) -> SweepRequest {
        SweepRequest {
            nango: self.clone(),
            dry_run: false,
            budget: u32::MAX,
            page: PAGE,
            allow_mass_removal: false,
            resume: None,
            progress: None,
        }
    }
}

impl SweepRequest {
    /// Only reports what it would do.
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Makes at most so many requests. The report says where to go on.
    pub fn budget(mut self, requests: u32) -> Self {
        self.budget = requests;
        self
    }

    /// Lists so many connections at a time, at most 2000.
    pub fn page_size(mut self, connections: u32) -> Self {
        self.page = connections.clamp(1, LARGEST_PAGE);
        self
    }

    /// Goes on where a sweep ended that ran out of its budget.
    pub fn resume(mut self, point: ResumePoint) -> Self {
        self.resume = Some(point);
        self
    }

    /// Removes connections even when they are more than ten and more than 5 % of all.
    ///
    /// Without it such a sweep removes none: a wrong key or environment looks just like that.
    pub fn allow_mass_removal(mut self) -> Self {
        self.allow_mass_removal = true;
        self
    }

    /// Calls back after every page.
    pub fn progress(mut self, call: impl Fn(SweepProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(call));
        self
    }

    /// Makes the sweep.
    ///
    /// # Errors
    ///
    /// When Nango or the store cannot be asked, or the key may not list. What was done until then stays done.
    pub async fn run(self) -> Result<SweepReport, Error> {
        Walk::new(self).run().await
    }
}

impl fmt::Debug for SweepRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SweepRequest")
            .field("dry_run", &self.dry_run)
            .field("budget", &self.budget)
            .field("page", &self.page)
            .field("allow_mass_removal", &self.allow_mass_removal)
            .finish_non_exhaustive()
    }
}
