//! The second half of a sweep: the rows that Nango has not listed.

use nango_client::ConnectionKey;

use super::run::SweepRun;
use crate::error::Error;
use crate::record::Record;

/// The number of rows that are read at a time.
const ROWS: usize = 1000;

impl SweepRun {
    pub(super) async fn sweep_rows(&mut self) -> Result<(), Error> {
        let (mut live, mut unlisted) = (0, 0);
        let mut after = None;
        while let Some(rows) = self.next_rows(&mut after).await? {
            let mut expired = Vec::new();
            for row in &rows {
                if row.removed {
                    expired.extend(self.engine.context().expired(row));
                } else {
                    live += 1;
                    unlisted += usize::from(!self.cursor.fingerprints.contains(&row.key));
                }
            }
            if !self.options.dry_run {
                self.report.erased +=
                    self.apply(&expired).await?.into_iter().filter(|written| *written).count();
            }
            self.report.rows += rows.len();
            self.report_progress();
        }
        // rule: mass-removal
        if unlisted > (live / 20).max(10) && !self.options.allow_mass_removal {
            tracing::warn!(
                unlisted,
                "a sweep withheld the removal of many connections; check the environment and the API key"
            );
            self.report.removals_withheld = unlisted;
        } else if unlisted > 0 {
            self.look_at_unlisted().await?;
        }
        Ok(())
    }

    /// Looks at the connections that were on no page. Pages shift, so absence from them proves
    /// nothing.
    async fn look_at_unlisted(&mut self) -> Result<(), Error> {
        let mut after = None;
        while let Some(mut rows) = self.next_rows(&mut after).await? {
            rows.retain(|row| !row.removed && !self.cursor.fingerprints.contains(&row.key));
            self.look_by_id(rows.into_iter().map(|row| row.key).collect()).await?;
        }
        Ok(())
    }

    async fn next_rows(&self, after: &mut Option<ConnectionKey>) -> Result<Option<Vec<Record>>, Error> {
        let rows = self.engine.store().page(after.as_ref(), ROWS).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        *after = Some(last.key.clone());
        Ok(Some(rows))
    }
}
