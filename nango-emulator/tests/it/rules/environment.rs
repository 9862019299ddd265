use nango_emulator::{DEV_READ_KEY, Emulator};
use reqwest::Method;
use serde_json::json;

use super::{emulator, post, request, say, with};
use crate::support::{Receiver, call, http};

#[tokio::test]
async fn environments_require_an_account_key() {
    let nango = emulator().await;
    let message = "Insufficient scope. Required: account:environments:list";
    let refused = json!({ "error": { "code": "forbidden", "message": message } });
    assert_eq!(call(&nango, Method::GET, "/environments", None).await, (403, refused));
    let anonymous = http().get(format!("{}/environments", nango.local_url()));
    assert_eq!(say(anonymous).await, "401 missing_auth_header");
}

#[tokio::test]
async fn signing_key_is_rotated() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    let path = "/environment/webhook-signing-key/rotate";
    let scoped = http().post(format!("{}{path}", nango.local_url())).header("authorization", DEV_READ_KEY);
    assert_eq!(say(with(scoped, &json!({}))).await, "403 forbidden");
    let before = nango.signing_key();
    let (status, answer) = call(&nango, Method::POST, path, None).await;
    let after = nango.signing_key();
    assert_eq!((status, answer), (200, json!({ "data": { "webhook_signing_key": after } })));
    assert_ne!(before, after);
    // Later webhooks are signed with the new key.
    super::import(&nango, "c").await;
    receiver.bodies(1).await;
    let (headers, body) = receiver.all().remove(0);
    assert_eq!(headers["x-nango-hmac-sha256"], signature(&after, &body).as_str());
    assert_eq!(say(request(&nango, Method::GET, path)).await, "500 generic_error_support");
    assert_eq!(post(&nango, "/_emulator/reset", json!({})).await, "200");
    assert_eq!(nango.signing_key(), before);
}

fn signature(key: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}
