//! Any signed bytes are a delivery, and none of them is more than it says.

#![no_main]

use bytes::Bytes;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use nango_client::{Delivery, SIGNATURE_HEADER, SigningKeys};

fuzz_target!(|body: &[u8]| {
    let keys = SigningKeys::new(["fuzz"]).expect("one key");
    let body = Bytes::copy_from_slice(body);
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, keys.sign(&body).parse().expect("hex"));
    let verified = keys.verify(&headers, body.clone()).expect("signed by ourselves");
    let delivery = verified.delivery();
    // Debug output names no id.
    let shown = format!("{delivery:?}");
    match delivery {
        Delivery::Auth(event) => {
            let id = event.connection.connection_id();
            assert!(id.len() < 40 || !shown.contains(id), "an id in the Debug output");
        }
        Delivery::Forward(event) => {
            assert_eq!(event.body, body);
            let _ = event.payload::<serde_json::Value>();
        }
        Delivery::Sync(event) => {
            assert_eq!(event.body, body);
            let shown = format!("{event:?} {:?} {:?}", event.checkpoints(), event.failure());
            let id = event.connection.connection_id();
            assert!(id.len() < 40 || !shown.contains(id), "an id in the Debug output");
        }
        Delivery::Unknown(raw) => assert_eq!(raw, body),
        _ => {}
    }
});
