//! The contract.

use crate::server::{Streams, url};

nango_core::testing::queue_suite!(
    #[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
    async || {
        let streams = Streams::at(&url());
        (streams.queue().await, streams)
    }
);
