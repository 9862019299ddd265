//! The body of an admitted request.

use std::future::{pending, poll_fn};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::reply::Problem;
use crate::nango::{Unread, Unverified};

/// The largest body of an owner's request, in bytes. The largest useful one is a list of
/// integrations.
pub(super) const OWNER_LIMIT: usize = 64 * 1024;

/// The pace at which a body has to arrive. A sender that holds a connection open with a byte now
/// and then is not waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The longest time for a whole body.
    deadline: Duration,
    /// The time after which the body has to arrive at the floor.
    grace: Duration,
    /// The lowest rate, in bytes per second.
    floor: u32,
}

impl Pace {
    /// Nango waits 20 s for the reply to a delivery (observed on 0.71.4).
    pub(super) const DEFAULT: Self =
        Self { deadline: Duration::from_secs(15), grace: Duration::from_secs(5), floor: 1024 };

    /// Returns the time within which more than `received` bytes have to be there.
    fn time_for(self, received: usize) -> Duration {
        let received = u32::try_from(received).unwrap_or(u32::MAX);
        let earned = Duration::from_secs_f64(f64::from(received) / f64::from(self.floor));
        (self.grace + earned).min(self.deadline)
    }
}

/// Reads a body up to a limit, for as long as it keeps the pace.
pub(super) async fn read_body<E>(
    mut poll_chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    limit: usize,
    pace: Pace,
    unverified: Option<&Unverified>,
) -> Result<Bytes, Problem> {
    let mut body = Blocks::default();
    // Of a body that has to be waited for. Most are there with their head, and need no time. Until it waits, a body holds its thread, so
    // that no more of them than there are threads take memory that is not counted.
    let mut waiting = None;
    loop {
        let at_once = poll_fn(|context| match poll_chunk(context) {
            Poll::Ready(chunk) => Poll::Ready(Some(chunk)),
            Poll::Pending => Poll::Ready(None),
        });
        let chunk = match at_once.await {
            Some(chunk) => chunk,
            None => {
                body.settle();
                let (began, unread) =
                    waiting.get_or_insert_with(|| (Instant::now(), unverified.map(Unverified::begin)));
                if unread.as_ref().is_some_and(|unread| !unread.set_size(body.memory())) {
                    return Err(Problem::Stalled);
                }
                let until = *began + pace.time_for(body.len);
                tokio::select! {
                    chunk = timeout_at(until, poll_fn(&mut poll_chunk)) => chunk.map_err(|_| Problem::Stalled)?,
                    () = ended(unread.as_ref()) => return Err(Problem::Stalled),
                }
            }
        };
        match chunk {
            None => return Ok(body.into_bytes()),
            Some(Err(_)) => return Err(Problem::InvalidBody("the body broke off")),
            Some(Ok(chunk)) if body.len + chunk.len() > limit => return Err(Problem::TooLarge),
            Some(Ok(chunk)) => body.extend(chunk),
        }
    }
}

/// The start of a body, in blocks of one size. Buffers that grow in place would leave a gap in the
/// heap with every growth of every body, three times the memory of many large ones.
#[derive(Default)]
struct Blocks {
    /// The first chunk, as long as it may be the whole body. It is a part of the server's buffer.
    first: Bytes,
    blocks: Vec<Vec<u8>>,
    len: usize,
}

impl Blocks {
    const SIZE: usize = 4096;

    fn extend(&mut self, chunk: Bytes) {
        let is_first = self.len == 0;
        self.len += chunk.len();
        if is_first {
            self.first = chunk;
        } else {
            self.settle();
            self.copy(&chunk);
        }
    }

    /// Copies the first chunk, which would keep the server's buffer for as long as the rest takes.
    fn settle(&mut self) {
        let first = std::mem::take(&mut self.first);
        self.copy(&first);
    }

    fn copy(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() {
            if self.blocks.last().is_none_or(|block| block.len() == Self::SIZE) {
                self.blocks.push(Vec::with_capacity(Self::SIZE));
            }
            let Some(block) = self.blocks.last_mut() else { return };
            let (now, later) = chunk.split_at(chunk.len().min(Self::SIZE - block.len()));
            block.extend_from_slice(now);
            chunk = later;
        }
    }

    fn memory(&self) -> usize {
        self.first.len() + self.blocks.len() * Self::SIZE
    }

    fn into_bytes(mut self) -> Bytes {
        match self.blocks.len() {
            // A copy: an event may wait for its handler, and would keep the server's buffer.
            0 => Bytes::copy_from_slice(&self.first),
            1 => self.blocks.pop().unwrap_or_default().into(),
            _ => self.blocks.concat().into(),
        }
    }
}

async fn ended(unverified: Option<&Unread<'_>>) {
    match unverified {
        Some(unread) => unread.ended().await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tenth of the default times, and so ten times its rate.
    const PACE: Pace =
        Pace { deadline: Duration::from_millis(1_500), grace: Duration::from_millis(500), floor: 10_240 };

    /// Reads a body of so many chunks of a size, one each period of milliseconds.
    async fn read(chunks: usize, size: usize, period: u64) -> Result<usize, Problem> {
        let pause = || Box::pin(tokio::time::sleep(Duration::from_millis(period)));
        let (mut sent, mut next) = (0, pause());
        let chunk = |context: &mut Context<'_>| {
            if sent == chunks {
                return Poll::Ready(None);
            }
            std::task::ready!(next.as_mut().poll(context));
            next = pause();
            sent += 1;
            Poll::Ready(Some(Ok::<_, ()>(Bytes::from(vec![b'x'; size]))))
        };
        read_body(chunk, 1024 * 1024, PACE, None).await.map(|body| body.len())
    }

    #[tokio::test]
    async fn a_byte_now_and_then_does_not_hold_a_connection() {
        assert_eq!(read(usize::MAX, 1, 900).await, Err(Problem::Stalled));
        assert_eq!(read(usize::MAX, 1, 20).await, Err(Problem::Stalled));
        assert_eq!(read(usize::MAX, 2_000, 50).await, Err(Problem::Stalled), "fast, and without end");
    }

    #[tokio::test]
    async fn a_body_may_pause_and_may_be_slow() {
        assert_eq!(read(1, 20, 20).await, Ok(20));
        assert_eq!(read(20, 2_048, 10).await, Ok(40_960));
        assert_eq!(read(0, 0, 0).await, Ok(0));
    }

    #[test]
    fn a_body_that_is_there_with_its_head_needs_no_timer() {
        // Its timer would panic.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for sent in [&[][..], &[3], &[3, 5_000, 1]] {
            let mut sizes = sent.iter();
            let chunk = |_: &mut Context<'_>| {
                Poll::Ready(sizes.next().map(|size| Ok::<_, ()>(Bytes::from(vec![b'x'; *size]))))
            };
            let read = runtime.block_on(read_body(chunk, 10_000, PACE, None));
            assert_eq!(read.map(|body| body.len()), Ok(sent.iter().sum()));
        }
    }

    #[test]
    fn blocks_keep_every_byte() {
        for size in [0, 1, 4_095, 4_096, 4_097, 100_000] {
            let sent: Vec<u8> = (0..size).map(|n: u32| n as u8).collect();
            let mut blocks = Blocks::default();
            sent.chunks(1_500).for_each(|chunk| blocks.extend(Bytes::copy_from_slice(chunk)));
            assert!(blocks.memory() >= blocks.len && blocks.memory() < blocks.len + Blocks::SIZE);
            assert_eq!(blocks.into_bytes(), sent);
        }
    }

    #[test]
    fn every_byte_earns_time_up_to_the_deadline() {
        let seconds = |received| Pace::DEFAULT.time_for(received).as_secs();
        assert_eq!([0, 1_024, 4_096, 10_240, 1_000_000].map(seconds), [5, 6, 9, 15, 15]);
    }
}
