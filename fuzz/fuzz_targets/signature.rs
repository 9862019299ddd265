//! No header but the right one verifies, and none makes the verification panic.

#![no_main]

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use nango_client::{SIGNATURE_HEADER, SigningKeys};

fuzz_target!(|input: (&[u8], &[u8], bool)| {
    let (header, body, twice) = input;
    let keys = SigningKeys::new(["new", "old"]).expect("two keys");
    let body = Bytes::copy_from_slice(body);
    let mut headers = HeaderMap::new();
    let Ok(value) = HeaderValue::from_bytes(header) else { return };
    headers.append(SIGNATURE_HEADER, value.clone());
    if twice {
        headers.append(SIGNATURE_HEADER, value);
    }
    let genuine = keys.verify(&headers, body.clone()).is_ok();
    let right = ["new", "old"].into_iter().any(|key| {
        let key = SigningKeys::new([key]).expect("one key");
        key.sign(&body).as_bytes().eq_ignore_ascii_case(header)
    });
    assert_eq!(genuine, right && !twice);
});
