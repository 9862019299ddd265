//! Replies of providers whose bodies are read in parts.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, Response, StatusCode};
use tokio::time::timeout;

use super::refusal::{MAX_ENVELOPE, may_be_nangos, own_refusal};
use super::reply::check_status;
use crate::error::{Cause, Error, ErrorKind};
use crate::transport::ResponseBody;

/// The provider's reply, whatever its status, with a body that is read in parts: the stream's items.
#[must_use = "the reply may be an error of the provider"]
pub struct ProxyStream {
    head: Response<()>,
    /// The parts that were read to find out from whom the reply is.
    first: VecDeque<Bytes>,
    /// `None` once it has ended.
    rest: Option<ResponseBody>,
}

impl ProxyStream {
    /// Takes a reply, and reads of one that may be Nango's as much as Nango would send.
    pub(super) async fn new(reply: Response<ResponseBody>, limit: Duration) -> Result<Self, Error> {
        let (head, body) = reply.into_parts();
        let mut stream =
            Self { head: Response::from_parts(head, ()), first: VecDeque::new(), rest: Some(body) };
        if may_be_nangos(stream.status()) {
            let timed_out = |_| Error::new(ErrorKind::Unavailable).with_cause(Cause::TimedOut);
            timeout(limit, stream.read_first()).await.map_err(timed_out)??;
        }
        Ok(stream)
    }

    async fn read_first(&mut self) -> Result<(), Error> {
        let mut length = 0;
        while let Some(body) = &mut self.rest
            && length <= MAX_ENVELOPE
        {
            match poll_fn(|context| body.poll_next(context)).await.transpose()? {
                Some(part) => {
                    length += part.len();
                    self.first.push_back(part);
                }
                None => self.rest = None,
            }
        }
        Ok(())
    }

    /// Returns the error if the reply is Nango's own.
    pub(super) fn own_refusal(&self) -> Option<Error> {
        // A longer body is the provider's.
        if self.rest.is_some() {
            return None;
        }
        let body = self.first.iter().fold(Vec::new(), |mut body, part| {
            body.extend_from_slice(part);
            body
        });
        let mut reply = Response::new(Bytes::from(body));
        (*reply.status_mut(), *reply.headers_mut()) = (self.status(), self.headers().clone());
        own_refusal(&reply)
    }

    /// Returns the provider's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status()
    }

    /// Returns the headers: most of the provider's, and some of Nango's.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// Returns the reply, unless its status is a client or server error.
    ///
    /// # Errors
    ///
    /// Those of [`ProxyReply::error_for_status`](crate::ProxyReply::error_for_status).
    pub fn error_for_status(self) -> Result<Self, Error> {
        check_status(self.status(), self.headers()).map(|()| self)
    }
}

impl Stream for ProxyStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(part) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(part)));
        }
        let Some(body) = &mut self.rest else { return Poll::Ready(None) };
        let polled = body.poll_next(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.rest = None;
        }
        polled.map(|part| part.map(|part| part.map_err(Error::from)))
    }
}

impl fmt::Debug for ProxyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyStream").field("status", &self.status()).finish_non_exhaustive()
    }
}
