//! The options of a sweep.

use super::report::{SweepCursor, SweepProgress, SweepReport};
use super::run::{Options, SweepRun};
use crate::engine::Engine;
use crate::error::Error;

/// The default size of a page.
const PAGE: u32 = 1000;

/// The largest page that Nango returns (observed on 0.71.4).
const MAX_PAGE: u32 = 2000;

/// A sweep to be made.
#[must_use = "a sweep is made by `.run()`"]
pub struct SweepRequest {
    engine: Engine,
    options: Options,
    cursor: SweepCursor,
}

impl SweepRequest {
    pub(crate) fn new(engine: Engine) -> Self {
        let options = Options {
            dry_run: false,
            budget: u32::MAX,
            page: PAGE,
            allow_mass_removal: false,
            progress: None,
        };
        Self { engine, options, cursor: SweepCursor::default() }
    }

    /// Reports only, without writing anything.
    pub fn dry_run(mut self) -> Self {
        self.options.dry_run = true;
        self
    }

    /// Makes at most this number of requests. The report says where to go on. Only a page of more
    /// than 32 MiB exceeds it, since it is requested again in halves.
    pub fn budget(mut self, requests: u32) -> Self {
        self.options.budget = requests;
        self
    }

    /// Lists this number of connections at a time; 1000 by default, at most 2000.
    pub fn page_size(mut self, connections: u32) -> Self {
        self.options.page = connections.clamp(1, MAX_PAGE);
        self
    }

    /// Goes on where a sweep stopped whose budget was used up.
    pub fn resume(mut self, cursor: SweepCursor) -> Self {
        self.cursor = cursor;
        self
    }

    /// Removes connections even when they are more than ten and more than 5 % of all.
    ///
    /// Without it such a sweep removes none: a wrong key or environment looks just like that.
    pub fn allow_mass_removal(mut self) -> Self {
        self.options.allow_mass_removal = true;
        self
    }

    /// Sets a callback that is called after every page.
    pub fn progress(mut self, callback: impl Fn(SweepProgress) + Send + Sync + 'static) -> Self {
        self.options.progress = Some(Box::new(callback));
        self
    }

    /// Makes the sweep.
    ///
    /// # Errors
    ///
    /// When Nango or the store is unavailable, or the key may not list. Finished work is kept.
    pub async fn run(self) -> Result<SweepReport, Error> {
        let mut run = SweepRun::new(self.engine, self.options, self.cursor);
        if run.sweep_pages().await? {
            run.sweep_rows().await?;
        }
        Ok(run.into_report())
    }
}

nango_client::__debug_only!(SweepRequest { options });
