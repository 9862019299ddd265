//! The app under test, its requests and its replies.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::request::Builder as RequestBuilder;
use http::{Request, Response};
use nango_client::{SIGNATURE_HEADER, SigningKeys};
use sha2::Sha256;

use super::nango::StandIn;
use super::{Call, Mount};
use crate::builder::NangoBuilder;
use crate::nango::Nango;
use crate::owner::TagMapper;
use crate::store::{ConnectionStore as _, MemoryStore};

/// A limit that no case reaches.
const UNLIMITED: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

const SIGNING_KEY: &str = "signing-key";

/// Headers that the server sets.
const FRAMING: [&str; 5] = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/// An app with the routes below a prefix, by default `/nango`.
pub(super) struct App<E, A> {
    send: A,
    prefix: &'static str,
    pub(super) nango: StandIn,
    /// The app's own handle.
    pub(super) own: Nango,
    store: Arc<MemoryStore>,
    entity: PhantomData<E>,
}

impl<E: TagMapper, A: Call> App<E, A> {
    pub(super) async fn start(mount: impl Mount<A>) -> Self {
        Self::configured(mount, "/nango", |builder| builder).await
    }

    pub(super) async fn configured(
        mount: impl Mount<A>,
        prefix: &'static str,
        configure: impl FnOnce(NangoBuilder) -> NangoBuilder,
    ) -> Self {
        let stand_in = StandIn::start().await;
        let store = Arc::new(MemoryStore::new());
        let keys = SigningKeys::new([SIGNING_KEY]).unwrap();
        let builder = Nango::builder("api-key", keys, Arc::clone(&store))
            .host(format!("http://{}", stand_in.address))
            .allowed_integrations(["slack", "github"])
            .session_rate_limit(UNLIMITED, UNLIMITED)
            .entity::<E>();
        let own = configure(builder).build().unwrap();
        let send = mount(own.clone(), prefix).await;
        Self { send, prefix, nango: stand_in, own, store, entity: PhantomData }
    }

    /// Starts a request to a path below the prefix.
    pub(super) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        Request::builder().method(method).uri(format!("{}{path}", self.prefix))
    }

    /// Starts a request of the user `alice`.
    pub(super) fn alice(&self, method: &str, path: &str) -> RequestBuilder {
        self.request(method, path).header("x-user", "alice")
    }

    pub(super) async fn send(&self, request: RequestBuilder, body: impl Into<Bytes>) -> Reply {
        Reply::new(&(self.send)(request.body(body.into()).unwrap()).await)
    }

    /// Starts a delivery with its signature.
    pub(super) fn delivery(&self, body: &[u8]) -> RequestBuilder {
        self.request("POST", "/webhook").header(SIGNATURE_HEADER, sign(body))
    }

    /// Connects an account of a user at Nango and delivers the webhook. The handler may run still.
    pub(super) async fn connected(&self, id: &str, owner: &str) {
        self.nango.connect(id, owner);
        let body = creation(id);
        assert_eq!(self.send(self.delivery(body.as_bytes()), body).await.status, 200);
    }

    /// Returns the handle of a user's only connection.
    pub(super) async fn handle(&self, user: &str) -> String {
        let list = self.send(self.request("GET", "/connections").header("x-user", user), "").await.json();
        assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
        list[0]["handle"].as_str().unwrap().to_owned()
    }

    /// Counts the rows of the store.
    pub(super) async fn rows(&self) -> usize {
        self.store.page(None, 100).await.unwrap().len()
    }
}

/// Returns the delivery for a new connection.
pub(super) fn creation(id: &str) -> String {
    format!(
        r#"{{"authMode":"OAUTH2","connectionId":"{id}","environment":"dev","from":"nango","operation":"creation","provider":"slack","providerConfigKey":"slack","success":true,"type":"auth"}}"#
    )
}

pub(super) fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY.as_bytes()).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// The parts of a reply that the app and the routes decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Sorted, without those that the server sets.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Reply {
    fn new(reply: &Response<Bytes>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = reply.headers().iter().filter(|(name, _)| !FRAMING.contains(&name.as_str()));
        let mut headers: Vec<_> =
            headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        headers.sort();
        Self { status: reply.status().as_u16(), headers, body: text(reply.body()) }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Asserts that it is this error, in the shape of all errors.
    #[track_caller]
    pub(super) fn assert_error(&self, status: u16, code: &str) {
        let found = self.json();
        assert_eq!((self.status, found["error"]["code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(found["error"]["message"].is_string(), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
    }
}
