//! Deliveries of Nango's webhooks.

use super::app::{App, creation, sign};
use super::{Call, Mount};
use crate::owner::TagMapper;
use nango_client::SIGNATURE_HEADER;

/// The signature is checked over the raw bytes of the body.
pub async fn a_forged_delivery_changes_nothing<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.nango.connect("c1", "alice");
    let (body, right) = (creation("c1"), sign(creation("c1").as_bytes()));
    let short = &right[1..];
    for wrong in
        ["", "x", short, &format!("{right}00"), &"0".repeat(64), &sign(b"{}"), &format!("sha256={right}")]
    {
        let request = app.request("POST", "/webhook").header(SIGNATURE_HEADER, wrong);
        app.send(request, body.clone()).await.assert_error(401, "invalid_signature");
    }
    app.send(app.request("POST", "/webhook"), body.clone()).await.assert_error(401, "invalid_signature");
    let spaced = app.request("POST", "/webhook").header(SIGNATURE_HEADER, &right);
    app.send(spaced, body.replace(':', ": ")).await.assert_error(401, "invalid_signature");
    assert_eq!((app.rows().await, app.nango.asked()), (0, 0));
}

/// A genuine delivery starts a look. The reply says only that it was received.
pub async fn a_genuine_delivery_starts_a_look<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.nango.connect("c1", "alice");
    for body in [
        creation("c1"),
        creation("c1"),
        creation("unknown"),
        "{}".to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let reply = app.send(app.delivery(body.as_bytes()), body.clone()).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"received":true}"#), "{body}");
    }
    assert_eq!(app.rows().await, 1);
    app.handle("alice").await;
    let pieces = app.delivery(creation("c1").as_bytes()).header("transfer-encoding", "chunked");
    assert_eq!(
        app.send(pieces, creation("c1")).await.status,
        200,
        "the signature is over the whole body, however it is framed"
    );
}
