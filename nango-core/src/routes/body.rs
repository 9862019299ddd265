//! The body of an admitted request.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::timeout;

use super::reply::Problem;

/// The largest body of an owner's request, in bytes. The largest useful one is a list of
/// integrations.
pub(super) const OWNER_LIMIT: usize = 64 * 1024;

/// The longest time between two chunks.
const STALL: Duration = Duration::from_secs(10);

/// Reads a body up to a limit, for as long as chunks arrive.
pub(super) async fn read<E>(
    mut poll_chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    limit: usize,
) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    loop {
        match timeout(STALL, poll_fn(&mut poll_chunk)).await.map_err(|_| Problem::Stalled)? {
            None => return Ok(body.freeze()),
            Some(Err(_)) => return Err(Problem::InvalidBody("the body broke off")),
            Some(Ok(chunk)) if body.len() + chunk.len() > limit => return Err(Problem::TooLarge),
            Some(Ok(chunk)) => body.extend_from_slice(&chunk),
        }
    }
}
