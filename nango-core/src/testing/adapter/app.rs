//! An app under test, and what is said to it.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::request::Builder as RequestBuilder;
use http::{Request, Response};
use sha2::Sha256;

use super::nango::StandIn;
use super::{Call, Mount};
use crate::entity::TagMapper;
use crate::nango::{Builder, Nango};
use crate::store::{ConnectionStore as _, MemoryStore};
use crate::webhook::{SIGNATURE_HEADER, SigningKeys};

/// More sessions than a case asks for.
const MANY: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

const SIGNING_KEY: &str = "signing-key";

/// The server's own headers.
const FRAMING: [&str; 5] = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/// An app with the routes below `/nango`, unless it says otherwise.
pub(super) struct App<E, A> {
    send: A,
    prefix: &'static str,
    pub(super) nango: StandIn,
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
        configure: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let stand_in = StandIn::start().await;
        let store = Arc::new(MemoryStore::new());
        let keys = SigningKeys::new([SIGNING_KEY]).unwrap();
        let builder = Nango::builder("api-key", keys, Arc::clone(&store))
            .host(format!("http://{}", stand_in.address))
            .allowed_integrations(["slack", "github"])
            .session_limit(MANY, MANY)
            .entity::<E>();
        let send = mount(configure(builder).build().unwrap(), prefix).await;
        Self { send, prefix, nango: stand_in, store, entity: PhantomData }
    }

    /// A request to a path below the mount point.
    pub(super) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        Request::builder().method(method).uri(format!("{}{path}", self.prefix))
    }

    /// The same of somebody who is logged in.
    pub(super) fn alice(&self, method: &str, path: &str) -> RequestBuilder {
        self.request(method, path).header("x-user", "alice")
    }

    pub(super) async fn send(&self, request: RequestBuilder, body: impl Into<Bytes>) -> Reply {
        Reply::new(&(self.send)(request.body(body.into()).unwrap()).await)
    }

    /// A delivery with its signature.
    pub(super) fn delivery(&self, body: &[u8]) -> RequestBuilder {
        self.request("POST", "/webhook").header(SIGNATURE_HEADER, sign(body))
    }

    /// A connection of the user, that a webhook has told of.
    pub(super) async fn connected(&self, id: &str, owner: &str) {
        self.nango.connect(id, owner);
        let body = told(id);
        assert_eq!(self.send(self.delivery(body.as_bytes()), body).await.status, 200);
    }

    /// The handle of the user's only connection.
    pub(super) async fn handle(&self, user: &str) -> String {
        let list = self.send(self.request("GET", "/connections").header("x-user", user), "").await.json();
        assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
        list[0]["handle"].as_str().unwrap().to_owned()
    }

    /// How many rows the store has.
    pub(super) async fn rows(&self) -> usize {
        self.store.page(None, 100).await.unwrap().len()
    }
}

/// The delivery that tells of a new connection.
pub(super) fn told(id: &str) -> String {
    format!(
        r#"{{"authMode":"OAUTH2","connectionId":"{id}","environment":"dev","from":"nango","operation":"creation","provider":"slack","providerConfigKey":"slack","success":true,"type":"auth"}}"#
    )
}

pub(super) fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY.as_bytes()).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// A reply, as far as the app and the routes decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Sorted, without the server's own.
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

    /// Is this error, in the shape that all have.
    #[track_caller]
    pub(super) fn is(&self, status: u16, code: &str) {
        let found = self.json();
        assert_eq!((self.status, found["error"]["code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(found["error"]["message"].is_string(), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
    }
}
