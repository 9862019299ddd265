//! The page ahead of the one that is read, judged and written.

use nango_client::ConnectionPage;
use tokio::task::JoinSet;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind};

/// A page of Nango's list that is requested while the one before it is worked on. Dropping it ends
/// the request.
pub(super) struct PageAhead(JoinSet<Result<ConnectionPage, Error>>);

impl PageAhead {
    /// In a task of its own, so that a page is also parsed beside the work on the one before it.
    pub(super) fn request(engine: &Engine, page: u32, limit: u32) -> Self {
        let (mut task, engine) = (JoinSet::new(), engine.clone());
        task.spawn(async move { request(&engine, page, limit).await });
        Self(task)
    }

    pub(super) async fn received(mut self) -> Result<ConnectionPage, Error> {
        match self.0.join_next().await {
            Some(Ok(page)) => page,
            // A panic, or a runtime that is shutting down.
            _ => Err(Error::because(ErrorKind::Unavailable, "the request of a page was interrupted")),
        }
    }
}

/// Requests a page as a background call, which waits while the rate limit is nearly used up.
pub(super) async fn request(engine: &Engine, page: u32, limit: u32) -> Result<ConnectionPage, Error> {
    let client = engine.list.background();
    Ok(client.connections().page(page).limit(limit).send().await?)
}
