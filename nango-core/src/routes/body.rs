//! Taking a body in.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::Response;
use tokio::time::timeout;

use super::Route;
use super::reply::Problem;
use crate::nango::Nango;

/// How long the next piece of a body may take.
const STALL: Duration = Duration::from_secs(10);

/// Reads a body, up to the route's limit and as long as it keeps coming.
///
/// Has to be called within a Tokio runtime, as do all routes.
///
/// # Errors
///
/// The reply to send instead: 413 when the body is too long, 408 when it stalls for ten seconds, 400 when it breaks off.
pub async fn buffer<E>(
    nango: &Nango,
    route: Route,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Bytes, Response<Bytes>> {
    if route == Route::Callback {
        // Nobody would read it.
        return Ok(Bytes::new());
    }
    read(body, route.body_limit(nango)).await.map_err(|problem| problem.refuse(route))
}

async fn read<E>(body: impl Stream<Item = Result<Bytes, E>>, limit: usize) -> Result<Bytes, Problem> {
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    loop {
        let next = timeout(STALL, poll_fn(|context| body.as_mut().poll_next(context))).await;
        match next.map_err(|_| Problem::Stalled)? {
            None => return Ok(whole.freeze()),
            Some(Err(_)) => return Err(Problem::InvalidBody("the body broke off")),
            Some(Ok(piece)) if whole.len() + piece.len() > limit => return Err(Problem::TooLarge),
            Some(Ok(piece)) => whole.extend_from_slice(&piece),
        }
    }
}
