//! Pages one row at a time, for streams.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Error;

/// A walk over pages.
pub(super) trait Pager: Send {
    type Row;

    /// Requests the rows of the next page; `None` at the end.
    fn next_rows(&mut self) -> impl Future<Output = Result<Option<VecDeque<Self::Row>>, Error>> + Send;
}

type Asked<P> = (P, Result<Option<VecDeque<<P as Pager>::Row>>, Error>);

/// The rows of a walk. They end with the walk, or after an error.
pub(super) struct Rows<'a, P: Pager> {
    state: State<'a, P>,
    rows: VecDeque<P::Row>,
}

enum State<'a, P: Pager> {
    Asking(Pin<Box<dyn Future<Output = Asked<P>> + Send + 'a>>),
    Ended,
    Resting(P),
}

impl<'a, P: Pager + 'a> Rows<'a, P> {
    pub(super) fn new(pager: P) -> Self {
        Self { state: State::Resting(pager), rows: VecDeque::new() }
    }

    pub(super) fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P::Row, Error>>> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Poll::Ready(Some(Ok(row)));
            }
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Resting(mut pager) => State::Asking(Box::pin(async move {
                    let rows = pager.next_rows().await;
                    (pager, rows)
                })),
                State::Asking(mut asking) => match asking.as_mut().poll(context) {
                    Poll::Pending => {
                        self.state = State::Asking(asking);
                        return Poll::Pending;
                    }
                    Poll::Ready((pager, Ok(Some(rows)))) => {
                        self.rows = rows;
                        State::Resting(pager)
                    }
                    Poll::Ready((_, Ok(None))) => State::Ended,
                    Poll::Ready((_, Err(error))) => return Poll::Ready(Some(Err(error))),
                },
            };
        }
    }
}

// Nothing in it is pinned but the boxed request.
impl<P: Pager> Unpin for Rows<'_, P> {}
