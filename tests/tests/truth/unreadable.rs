//! A connection that cannot be read disturbs no other one, and is not taken for missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse as _, Response};
use nango_core::{
    ConnectionKey, ConnectionStore as _, ErrorKind, Health, Nango, NangoBuilder, Owner, SigningKeys,
};
use nango_tests::{App, Organization, User, call_nango, http, nango_builder, send, sign};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

const TAGS: [(&str, &str); 2] = [("end_user_id", "user-{n}"), ("owner_kind", "user")];

/// The id of the unreadable connection in lists: as it is, a number, and another one.
const NAMED: &str = r#""here-3""#;
const NAMELESS: &str = "3";
const RENAMED: &str = r#""other-3""#;

/// An instance of the app behind a gateway that makes a connection unreadable.
struct Behind {
    app: App,
    nango: Nango,
    /// Connections are unreadable while it is `true`.
    is_broken: Arc<AtomicBool>,
    /// The number of requests that are not for lists.
    looks: Arc<AtomicUsize>,
}

impl Behind {
    /// Starts it with ten connections, of which the third is unreadable: its metadata is nested
    /// this deep, and lists have this JSON as its id.
    async fn start(
        depth: usize,
        listed_id: &'static str,
        configure: fn(NangoBuilder) -> NangoBuilder,
    ) -> Self {
        let app = App::start().await;
        app.emulator.import_many("openai", 10, "here-{n}", &TAGS).unwrap();
        let body = json!({
            "connection_id": "here-3", "provider_config_key": "openai", "metadata": {"is": "deep"},
        });
        assert_eq!(
            call_nango(&app.emulator, Method::POST, "/connections/metadata", Some(&body)).await.status,
            201
        );
        let is_broken = Arc::new(AtomicBool::new(true));
        let looks = Arc::new(AtomicUsize::new(0));
        let counter = looks.clone();
        let (switch, deep) =
            (is_broken.clone(), format!(r#"{{"is":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)));
        let url = gateway(app.emulator.local_url(), move |is_list, body| {
            counter.fetch_add(usize::from(!is_list), Ordering::Relaxed);
            if !switch.load(Ordering::Relaxed) {
                return body;
            }
            let body = body.replace(r#"{"is":"deep"}"#, &deep);
            if is_list { body.replace(NAMED, listed_id) } else { body }
        })
        .await;
        let builder = nango_builder(&app.emulator, app.store.clone()).host(url);
        let nango = configure(builder.entity::<User>().entity::<Organization>()).build().unwrap();
        Self { app, nango, is_broken, looks }
    }

    async fn live(&self) -> usize {
        self.app.store.page(None, 100).await.unwrap().iter().filter(|row| !row.removed).count()
    }

    async fn is_stored(&self, n: usize) -> bool {
        let row = self.app.store.get(&[key(n)]).await.unwrap().remove(0);
        row.is_some_and(|row| !row.removed)
    }

    /// Returns the stored owner of a connection.
    async fn owner(&self, n: usize) -> Owner {
        let row = self.app.store.get(&[key(n)]).await.unwrap().remove(0);
        row.unwrap().owner.unwrap()
    }

    /// Removes a connection at Nango.
    async fn delete(&self, n: usize) {
        self.app.nango.unscoped_client().delete_connection(&key(n)).await.unwrap();
    }
}

fn key(n: usize) -> ConnectionKey {
    ConnectionKey::new("openai", format!("here-{n}"))
}

/// Serves a gateway that rewrites replies: of lists (`true`) and others.
async fn gateway(
    host: &str,
    rewrite: impl Fn(bool, String) -> String + Clone + Send + Sync + 'static,
) -> String {
    let host = host.to_owned();
    let forward = move |request: Request| {
        let (host, rewrite) = (host.clone(), rewrite.clone());
        async move {
            let (head, body) = request.into_parts();
            let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
            let sent = http().request(head.method, format!("{host}{path}")).headers(head.headers);
            let mut reply = send(sent.body(to_bytes(body, usize::MAX).await.unwrap())).await.unwrap();
            reply.headers.remove(CONTENT_LENGTH);
            let body = rewrite(head.uri.path() == "/connections", reply.body);
            let status = StatusCode::from_u16(reply.status).unwrap();
            let response: Response = (status, reply.headers, body).into_response();
            response
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(forward)).await.unwrap() });
    url
}

#[tokio::test]
async fn metadata_that_is_not_kept_makes_no_connection_unreadable() {
    for depth in [123, 124, 125, 126, 127, 128, 10_000] {
        let behind = Behind::start(depth, NAMED, |builder| builder).await;
        let report = behind.nango.sweep().page_size(4).run().await.unwrap();
        assert_eq!((report.listed, report.unreadable, behind.live().await), (10, 0, 10), "{depth}");
        let owner = behind.owner(3).await;
        let owned = behind.nango.sync(&owner).await.unwrap();
        assert_eq!(owned[0].check().await.unwrap().health(), Health::Healthy, "{depth}");
        let forgotten = behind.nango.forget(&owner).await.unwrap();
        assert_eq!((forgotten.removed, forgotten.searched_nango), (1, true), "{depth}");
    }
}

#[tokio::test]
async fn an_unreadable_connection_counts_as_listed_and_disturbs_no_other() {
    let behind = Behind::start(1_000, NAMED, NangoBuilder::keep_metadata).await;
    behind.is_broken.store(false, Ordering::Relaxed);
    let _ = behind.nango.sweep().run().await.unwrap();
    behind.is_broken.store(true, Ordering::Relaxed);
    behind.delete(5).await;
    behind.app.emulator.import_many("openai", 1, "new-{n}", &TAGS).unwrap();

    let dry = behind.nango.sweep().dry_run().page_size(4).run().await.unwrap();
    assert_eq!((dry.listed, dry.unreadable, dry.missing_at_nango.count), (10, 1, 1), "{dry:?}");
    let report = behind.nango.sweep().page_size(4).run().await.unwrap();
    assert_eq!((report.listed, report.unreadable), (10, 1), "{report:?}");
    assert_eq!((report.missing_in_store.count, report.missing_at_nango.count), (1, 1), "{report:?}");
    assert_eq!((report.removals_skipped, report.unresolved), (false, 0), "it was not looked up: {report:?}");
    assert!(behind.is_stored(3).await && !behind.is_stored(5).await);

    let before = behind.looks.load(Ordering::Relaxed);
    for n in [1, 3] {
        assert!(!behind.nango.sync(&behind.owner(n).await).await.unwrap().is_empty(), "{n}");
    }
    assert_eq!(behind.looks.load(Ordering::Relaxed), before, "both are listed");
    let owner = behind.owner(3).await;
    let owned = behind.nango.connection(&owner, "openai").await.unwrap();
    let error = owned.check().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, StatusCode::BAD_GATEWAY));
    let forgotten = behind.nango.forget(&owner).await.unwrap();
    assert_eq!((forgotten.removed, forgotten.failed, forgotten.searched_nango), (1, 0, false));
}

#[tokio::test]
async fn an_unreadable_connection_that_is_not_listed_stays_as_it_is() {
    let behind = Behind::start(1_000, RENAMED, NangoBuilder::keep_metadata).await;
    behind.is_broken.store(false, Ordering::Relaxed);
    let _ = behind.nango.sweep().run().await.unwrap();
    behind.is_broken.store(true, Ordering::Relaxed);
    behind.delete(5).await;
    let report = behind.nango.sweep().run().await.unwrap();
    assert_eq!(
        (report.missing_at_nango.count, report.unresolved, report.unreadable),
        (1, 1, 1),
        "{report:?}"
    );
    assert!(behind.is_stored(3).await && !behind.is_stored(5).await);
    let owned = behind.nango.sync(&behind.owner(3).await).await.unwrap();
    assert_eq!(owned.len(), 1, "the owner's look goes on, and the row stays");
}

#[tokio::test]
async fn a_budget_keeps_the_count_of_unreadable_connections() {
    let behind = Behind::start(1_000, NAMELESS, |builder| builder).await;
    behind.is_broken.store(false, Ordering::Relaxed);
    let _ = behind.nango.sweep().run().await.unwrap();
    behind.is_broken.store(true, Ordering::Relaxed);
    behind.delete(5).await;
    // The list has the newest first, so that the unreadable one is on the last page.
    let mut report = behind.nango.sweep().page_size(3).budget(3).run().await.unwrap();
    while let Some(cursor) = report.resume.take() {
        report = behind.nango.sweep().page_size(3).budget(3).resume(cursor).run().await.unwrap();
    }
    assert_eq!((report.listed, report.unreadable, report.removals_skipped), (9, 1, true), "{report:?}");
    assert_eq!(behind.live().await, 10);
}

#[tokio::test]
async fn a_row_without_a_key_keeps_a_sweep_from_removing_any() {
    let behind = Behind::start(1, NAMELESS, |builder| builder).await;
    behind.is_broken.store(false, Ordering::Relaxed);
    let _ = behind.nango.sweep().run().await.unwrap();
    behind.is_broken.store(true, Ordering::Relaxed);
    behind.delete(5).await;
    for allow_mass_removal in [false, true] {
        let sweep = behind.nango.sweep();
        let sweep = if allow_mass_removal { sweep.allow_mass_removal() } else { sweep };
        let report = sweep.run().await.unwrap();
        assert_eq!((report.listed, report.unreadable, report.removals_skipped), (9, 1, true), "{report:?}");
        assert_eq!((report.missing_at_nango.count, report.requests), (0, 1), "none is looked up: {report:?}");
        assert_eq!(behind.live().await, 10);
    }
    behind.is_broken.store(false, Ordering::Relaxed);
    let report = behind.nango.sweep().run().await.unwrap();
    assert_eq!((report.removals_skipped, report.missing_at_nango.count), (false, 1), "{report:?}");
    assert!(behind.is_stored(3).await && !behind.is_stored(5).await);
}

#[tokio::test]
async fn a_mark_of_an_unreadable_connection_holds_up_no_other() {
    let behind = Behind::start(1_000, NAMED, NangoBuilder::keep_metadata).await;
    behind.is_broken.store(false, Ordering::Relaxed);
    let _ = behind.nango.sweep().run().await.unwrap();
    behind.is_broken.store(true, Ordering::Relaxed);
    let delivery = json!({
        "type": "auth", "from": "nango", "operation": "refresh", "success": false,
        "connectionId": "here-3", "providerConfigKey": "openai",
    })
    .to_string();
    let signing_key = behind.app.emulator.signing_key();
    let keys = SigningKeys::new([signing_key.as_str()]).unwrap();
    let headers = [("x-nango-hmac-sha256", sign(&signing_key, &delivery))];
    let headers = headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let verified = keys.verify(&headers.collect(), delivery.into()).unwrap();
    behind.nango.receive(&verified).await.unwrap();
    let marked = behind.app.store.get(&[key(3)]).await.unwrap().remove(0).unwrap();
    assert!(marked.look_again_at.is_some(), "a failed look leaves a mark");
    let report = behind.nango.drain().await.unwrap();
    assert_eq!((report.due, report.looked, report.nango_unavailable), (1, 1, false), "{report:?}");
    assert_eq!(behind.nango.drain().await.unwrap().due, 0, "a retry would fail as well");
    assert!(behind.is_stored(3).await);
}
