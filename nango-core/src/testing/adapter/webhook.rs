//! Nango's deliveries.

use super::app::{App, sign, told};
use super::{Call, Mount};
use crate::entity::TagMapper;
use crate::webhook::SIGNATURE_HEADER;

/// The bytes are signed, so it is the bytes that are checked.
pub async fn a_forged_delivery_changes_nothing<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.nango.connect("c1", "alice");
    let (body, right) = (told("c1"), sign(told("c1").as_bytes()));
    let short = &right[1..];
    for wrong in
        ["", "x", short, &format!("{right}00"), &"0".repeat(64), &sign(b"{}"), &format!("sha256={right}")]
    {
        let request = app.request("POST", "/webhook").header(SIGNATURE_HEADER, wrong);
        app.send(request, body.clone()).await.is(401, "invalid_signature");
    }
    app.send(app.request("POST", "/webhook"), body.clone()).await.is(401, "invalid_signature");
    let spaced = app.request("POST", "/webhook").header(SIGNATURE_HEADER, &right);
    app.send(spaced, body.replace(':', ": ")).await.is(401, "invalid_signature");
    assert_eq!((app.rows().await, app.nango.asked()), (0, 0));
}

/// A delivery makes core look, and the reply tells Nango nothing but that it came.
pub async fn a_genuine_delivery_is_looked_into<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.nango.connect("c1", "alice");
    for body in
        [told("c1"), told("c1"), told("unknown"), "{}".to_owned(), "nonsense".to_owned(), String::new()]
    {
        let reply = app.send(app.delivery(body.as_bytes()), body.clone()).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"received":true}"#), "{body}");
    }
    assert_eq!(app.rows().await, 1);
    app.handle("alice").await;
    let pieces = app.delivery(told("c1").as_bytes()).header("transfer-encoding", "chunked");
    assert_eq!(app.send(pieces, told("c1")).await.status, 200, "signed as a whole, however it comes");
}
