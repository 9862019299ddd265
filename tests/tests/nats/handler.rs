//! A handler that notes what it has handled, and events for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderMap;
use nango_core::{
    BoxError, ForwardEvent, MemoryStore, Nango, Owner, QueuedEvent, Received, SIGNATURE_HEADER, SigningKeys,
    TagError, TagMapper, Tags, WebhookHandler, async_trait,
};

/// Counts how often each key was handled.
#[derive(Clone, Default)]
pub(crate) struct Handler {
    handled: Arc<Mutex<HashMap<String, usize>>>,
    pause: Duration,
}

impl Handler {
    pub(crate) fn with_pause(pause: Duration) -> Self {
        Self { pause, ..Self::default() }
    }

    pub(crate) fn handled(&self) -> HashMap<String, usize> {
        self.handled.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.handled.lock().unwrap().len()
    }
}

#[async_trait]
impl WebhookHandler for Handler {
    async fn webhook_forwarded(&self, _: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
        tokio::time::sleep(self.pause).await;
        *self.handled.lock().unwrap().entry(event.key.clone()).or_default() += 1;
        Ok(())
    }
}

/// Returns an event whose text has so many bytes.
pub(crate) fn sized(bytes: usize) -> QueuedEvent {
    let of = |filler: usize| {
        let body = serde_json::json!({
            "connectionId": "c", "from": "github", "payload": "x".repeat(filler), "providerConfigKey": "github",
            "type": "forward"
        });
        let body = body.to_string();
        let keys = SigningKeys::new(["key"]).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, keys.sign(body.as_bytes()).parse().unwrap());
        QueuedEvent::of(&keys.verify(&headers, body.into()).unwrap()).unwrap()
    };
    let overhead = of(0).to_json().len();
    // The time in it is not always of one length.
    let sized = (0..).map(|_| of(bytes - overhead)).find(|event| event.to_json().len() == bytes);
    sized.unwrap()
}

struct User;

impl TagMapper for User {
    type Id = String;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const TAGS: &'static [&'static str] = &["end_user_id"];

    fn owner(&self) -> Owner {
        Owner::new("user", "alice")
    }

    fn to_tags(&self) -> Result<Tags, TagError> {
        Ok(Tags::new())
    }
}

/// Returns a handle that calls the handler. Its Nango is never asked.
pub(crate) fn nango(handler: &Handler) -> Nango {
    Nango::builder("key", SigningKeys::new(["key"]).unwrap(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["github"])
        .entity::<User>()
        .handler(handler.clone())
        .build()
        .unwrap()
}
