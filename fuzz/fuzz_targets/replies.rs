//! No body makes a reader of replies fail in another way than with an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::read_replies;

fuzz_target!(|body: &[u8]| {
    let _ = read_replies(body);
});
