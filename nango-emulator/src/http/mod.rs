//! Reading requests and forming replies.

mod call;
mod envelope;
pub(crate) mod javascript;
mod origins;
pub(crate) mod query;
mod rate_limit;
pub(crate) mod reply;

pub(crate) use call::{
    Call, LastSegment, LenientCall, finish_body, finish_query, header_values, refuse_body, refuse_query,
};
pub(crate) use envelope::{ApiError, NoCors, PassedThrough};
pub(crate) use origins::Origins;
pub(crate) use rate_limit::{Bucket, RateLimit, RateLimitSlot, too_many};
