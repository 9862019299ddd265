//! The walk over all pages of records.

use std::fmt;

use serde::de::DeserializeOwned;

use super::cursor::Cursor;
use super::list::ListRecords;
use super::page::RecordPage;
use crate::error::Error;

/// A walk over all pages of a list of records. [`ListRecords::pages`] creates it.
#[must_use = "nothing is requested before `next_page`"]
pub struct RecordPages<'a, T> {
    list: ListRecords<'a, T>,
    position: Option<Cursor>,
    is_at_end: bool,
}

impl<'a, T: DeserializeOwned> ListRecords<'a, T> {
    /// Walks over all pages that there are at the moment.
    pub fn pages(self) -> RecordPages<'a, T> {
        RecordPages { position: self.cursor().cloned(), list: self, is_at_end: false }
    }
}

impl<T: DeserializeOwned> RecordPages<'_, T> {
    /// Requests the next page. Returns `None` once there is no more, which is after the last page that
    /// had records.
    ///
    /// # Errors
    ///
    /// Those of [`ListRecords::send`]. The next call requests the same page again.
    pub async fn next_page(&mut self) -> Result<Option<RecordPage<T>>, Error> {
        while !self.is_at_end {
            let page = self.list.send().await?;
            match &page.next {
                Some(next) => self.list.continue_after(next.clone()),
                None => self.is_at_end = true,
            }
            if let Some(position) = page.position() {
                self.position = Some(position.clone());
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// Returns the position after the last page: that of the cursor of the list until there was one.
    /// Store it together with the effects of the page.
    #[must_use]
    pub fn position(&self) -> Option<&Cursor> {
        self.position.as_ref()
    }
}

impl<T> fmt::Debug for RecordPages<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordPages").field("position", &self.position).finish_non_exhaustive()
    }
}
