//! Bodies: those of requests are written, and those of responses are read up to a limit.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::transport::ResponseBody;
use crate::error::{Error, ErrorKind};

/// The largest response of Nango's own API that is read, in bytes. A page of 2,000 connections with
/// ten tags each fits in; metadata is the app's and has no limit of its own.
pub(super) const MAX_RESPONSE: usize = 32 * 1024 * 1024;

/// The room for the first part of a body: of one whose length is unknown, and at most of one whose
/// length is declared, in bytes.
const FIRST_ROOM: usize = 16 * 1024;
const MAX_FIRST_ROOM: usize = MAX_RESPONSE;

/// Writes a body as JSON.
pub(super) fn write(body: &impl Serialize) -> Result<Bytes, Error> {
    let body =
        serde_json::to_vec(body).map_err(|_| Error::invalid_request("the body cannot be written as JSON"))?;
    Ok(Bytes::from(body))
}

/// Parses a whole body. The parser's message can quote it, so it is left behind.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::new(ErrorKind::Unavailable))
}

/// Returns the length that a response declares for its body; `None` where it says nothing about it.
pub(super) fn declared_length(method: &Method, headers: &HeaderMap) -> Option<u64> {
    // The length in a reply to HEAD is that of another body.
    let length = headers.get(CONTENT_LENGTH).filter(|_| method != Method::HEAD)?;
    length.to_str().ok()?.parse().ok()
}

/// Reads a body of at most `limit` bytes. A longer one is not read to its end, and the connection
/// that it comes from closes when the body is dropped.
///
/// The room for it never exceeds the limit, nor the declared length, unless it is longer than that.
/// The declared length is believed for a refusal, and up to 32 MiB for the room.
pub(super) async fn read(
    mut received: ResponseBody,
    declared: Option<u64>,
    limit: usize,
) -> Result<Bytes, Error> {
    let too_large = || Error::new(ErrorKind::TooLarge);
    let (first_room, expected) = match declared.map(usize::try_from) {
        Some(Ok(declared)) if declared <= limit => (declared.min(MAX_FIRST_ROOM), declared),
        Some(_) => return Err(too_large()),
        None => (FIRST_ROOM.min(limit), limit),
    };
    let mut body = Vec::new();
    while let Some(chunk) = received.next().await? {
        let length = body.len() + chunk.len();
        if length > limit {
            return Err(too_large());
        }
        if length > body.capacity() {
            let most = if length > expected { limit } else { expected };
            // Doubled, so that a body in many pieces is not moved for each.
            let room = body.capacity().saturating_mul(2).max(first_room).max(length).min(most);
            body.reserve_exact(room - body.len());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(body))
}
