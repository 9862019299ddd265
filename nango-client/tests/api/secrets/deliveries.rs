//! Texts of deliveries.

use bytes::Bytes;
use http::HeaderMap;
use nango_client::{
    Delivery, SIGNATURE_HEADER, Signature, SignatureError, SigningKeys, SyncEvent, SyncFailureCause,
};
use serde_json::{Value, json};

use super::{EMAIL, ID, PASSWORD, Shown, TOKEN, tags};

/// Returns an event of each kind that is not about a connection alone, with secrets in every place.
fn events() -> Vec<Value> {
    let events = [("sync", "nango"), ("async_action", "nango"), ("forward", EMAIL)];
    let event = |(kind, from)| {
        json!({
            "type": kind, "from": from, "connectionId": ID, "providerConfigKey": "slack", "success": true,
            "syncName": PASSWORD, "syncType": TOKEN, "syncVariant": EMAIL, "model": EMAIL,
            "responseResults": {"added": 1, "deleted": 0, "updated": 0, TOKEN: EMAIL},
            "checkpoints": {"from": {"cursor": TOKEN}, "to": {"cursor": TOKEN}},
            "payload": {"id": TOKEN, "statusUrl": TOKEN, "token": TOKEN},
        })
    };
    events.map(event).into()
}

/// Returns failures of a sync, with secrets in every place.
fn failures() -> Vec<Value> {
    let reply =
        json!({"body": {"token": TOKEN}, "headers": {"x-note": PASSWORD}, "status": 401, "note": EMAIL});
    [
        json!({"payload": {"code": TOKEN, "message": PASSWORD, "name": EMAIL, "stacktrace": [ID], "note": TOKEN}}),
        json!({"payload": {"token": TOKEN}, "additional_properties": {"upstream_response": reply}}),
        json!({"payload": PASSWORD}),
        json!({"payload": [TOKEN]}),
    ]
    .map(|mut error| {
        (error["type"], error["description"]) = (json!(TOKEN), json!(EMAIL));
        let mut event = events().remove(0);
        event["error"] = error;
        event
    })
    .into()
}

fn show_sync(shown: &mut Shown, event: &SyncEvent) {
    shown.debug(event);
    shown.debug(event.kind.as_ref().unwrap());
    shown.debug(&event.checkpoints().unwrap());
    if let Some(failure) = event.failure() {
        shown.debug(&failure);
        shown.debug(&failure.cause);
        match &failure.cause {
            SyncFailureCause::Http { reply, .. } => shown.debug(&**reply),
            SyncFailureCause::Thrown(error) => shown.debug(&**error),
            _ => {}
        }
    }
}

pub(super) fn show(shown: &mut Shown) {
    let keys = SigningKeys::new([TOKEN]).unwrap();
    let auth = json!({
        "type": "auth", "from": "nango", "connectionId": ID, "providerConfigKey": "slack", "success": false,
        "operation": format!("by {EMAIL}"), "environment": PASSWORD, "tags": tags().as_map(),
        "endUser": {"endUserId": ID, "endUserEmail": EMAIL},
        "error": {"type": format!("wrong {PASSWORD}"), "description": TOKEN},
    });
    let mut deliveries = vec![auth.clone()];
    // One field of another type, and it is no delivery of a known type any more.
    for (field, value) in [
        ("success", json!("no")),
        ("tags", json!({"end_user_email": [EMAIL]})),
        ("connectionId", json!([ID])),
        ("operation", json!({"by": EMAIL})),
        ("type", json!(TOKEN)),
        ("from", json!(EMAIL)),
    ] {
        let mut mistyped = auth.clone();
        mistyped[field] = value;
        deliveries.push(mistyped);
    }
    deliveries.extend(events());
    deliveries.extend(failures());
    deliveries.push(json!({"event": EMAIL, "token": TOKEN}));
    for body in deliveries {
        let body = Bytes::from(body.to_string());
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, keys.sign(&body).parse().unwrap());
        shown.debug(&Signature::from_headers(&headers).unwrap());
        let verified = keys.verify(&headers, body).unwrap();
        shown.debug(&verified);
        let delivery = verified.delivery();
        shown.debug(&delivery);
        match delivery {
            Delivery::Auth(event) => {
                shown.debug(&event);
                shown.debug(&event.operation);
                shown.debug(event.failure.as_ref().unwrap());
            }
            Delivery::Sync(event) => show_sync(shown, &event),
            Delivery::Forward(event) => {
                shown.debug(&event);
                shown.error(&event.payload::<Vec<u8>>().unwrap_err());
            }
            Delivery::AsyncAction(event) => shown.debug(&event),
            _ => {}
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, TOKEN.parse().unwrap());
    shown.error::<SignatureError>(&keys.verify(&headers, Bytes::new()).unwrap_err());
}
