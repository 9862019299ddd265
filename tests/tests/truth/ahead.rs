//! A sweep requests the next page while it works on one, and never more than that.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_core::{ConnectionKey, ConnectionStore, MemoryStore, Nango, SigningKeys, StoreError, async_trait};
use nango_tests::{Access, App, Balancer, Intercept, Interceptor, User};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

const TAGS: [(&str, &str); 2] = [("end_user_id", "user-{n}"), ("owner_kind", "user")];

/// Long enough for anything but what never happens.
const SOON: Duration = Duration::from_secs(10);

/// A store that notes before each `get` how many requests Nango has had by then.
#[derive(Default)]
struct Watched {
    store: MemoryStore,
    nango: Mutex<Option<Balancer>>,
    requests: Mutex<Vec<usize>>,
}

#[async_trait]
impl Interceptor for Watched {
    fn store(&self) -> &dyn ConnectionStore {
        &self.store
    }

    async fn before(&self, access: Access<'_>) -> Result<(), StoreError> {
        if matches!(access, Access::Get) {
            // Long enough for everything that the sweep requests beside this.
            sleep(Duration::from_millis(300)).await;
            let requests = self.nango.lock().unwrap().as_ref().map_or(0, |nango| nango.taken().len());
            self.requests.lock().unwrap().push(requests);
        }
        Ok(())
    }
}

#[tokio::test]
async fn one_page_is_requested_while_another_is_worked_on() {
    let store = Arc::new(Intercept(Watched::default()));
    let app = App::with_store(Arc::clone(&store), |builder| builder).await;
    app.emulator.import_many("openai", 30, "here-{n}", &TAGS).unwrap();
    let nango = Balancer::start([app.emulator.local_url()]).await;
    *store.nango.lock().unwrap() = Some(nango.clone());
    let through = Nango::builder(app.emulator.secret_key(), unused_keys(), Arc::clone(&store))
        .host(nango.url())
        .allowed_integrations(["openai"])
        .entity::<User>();
    let report = through.build().unwrap().sweep().page_size(10).run().await.unwrap();
    // Each of three pages is read twice, and the fourth is empty.
    assert_eq!((report.requests, report.listed), (7, 30));
    assert_eq!(*store.requests.lock().unwrap(), [2, 4, 6, 7]);
}

#[tokio::test]
async fn a_budget_is_kept_and_what_was_listed_is_written() {
    // Five full pages and an empty one. Each needs two requests.
    for budget in 2..=12 {
        let app = App::start().await;
        app.emulator.import_many("openai", 50, "here-{n}", &TAGS).unwrap();
        let sweep = || app.nango.sweep().page_size(10).budget(budget);
        let mut report = sweep().run().await.unwrap();
        let mut sweeps = 1;
        loop {
            assert!(report.requests <= budget, "{budget}: {report:?}");
            let rows = app.store.page(None, 100).await.unwrap();
            assert_eq!(rows.len(), report.listed, "{budget}");
            let Some(point) = report.resume.take() else { break };
            report = sweep().resume(point).run().await.unwrap();
            sweeps += 1;
        }
        assert_eq!((report.listed, sweeps), (50, 6_u32.div_ceil(budget / 2)), "{budget}");
    }
}

/// A store whose `get` waits, until Nango has answered the second page or for ever.
struct Waiting {
    store: MemoryStore,
    until: Option<Arc<Semaphore>>,
}

#[async_trait]
impl Interceptor for Waiting {
    fn store(&self) -> &dyn ConnectionStore {
        &self.store
    }

    async fn before(&self, access: Access<'_>) -> Result<(), StoreError> {
        match &self.until {
            Some(answered) if matches!(access, Access::Get) => drop(answered.acquire().await.unwrap()),
            None if matches!(access, Access::Get) => pending().await,
            _ => {}
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_page_is_written_although_the_next_one_fails() {
    let answered = Arc::new(Semaphore::new(0));
    let server = Server::start(Some(Arc::clone(&answered))).await;
    let store = Arc::new(Intercept(Waiting { store: MemoryStore::new(), until: Some(answered) }));
    let error = timeout(SOON, server.sweep(Arc::clone(&store))).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), nango_core::ErrorKind::Unauthorized);
    let rows = store.store.page(None, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.key).collect::<Vec<_>>(), [&ConnectionKey::new("openai", "c")]);
}

#[tokio::test]
async fn a_sweep_that_is_dropped_ends_the_request_of_the_next_page() {
    let server = Server::start(None).await;
    let store = Intercept(Waiting { store: MemoryStore::new(), until: None });
    timeout(Duration::from_millis(500), server.sweep(store)).await.unwrap_err();
    timeout(SOON, server.ended.acquire()).await.expect("the request ends with the sweep").unwrap().forget();
}

fn unused_keys() -> SigningKeys {
    SigningKeys::new(["unused"]).unwrap()
}

/// A Nango whose first page is one connection. It refuses the second one, or does not answer.
struct Server {
    url: String,
    /// A permit for each client that has closed its connection while it waited.
    ended: Arc<Semaphore>,
}

impl Server {
    /// Starts one that gives a permit once it has refused the second page, or does not answer it.
    async fn start(refused: Option<Arc<Semaphore>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ended = Arc::new(Semaphore::new(0));
        let server = Self { url, ended: Arc::clone(&ended) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, refused.clone(), Arc::clone(&ended)));
            }
        });
        server
    }

    async fn sweep(&self, store: impl ConnectionStore) -> Result<nango_core::SweepReport, nango_core::Error> {
        let nango = Nango::builder("c0ffee", unused_keys(), store)
            .host(&self.url)
            .allowed_integrations(["openai"])
            .entity::<User>();
        nango.build().unwrap().sweep().page_size(1).run().await
    }
}

async fn serve(mut client: TcpStream, refused: Option<Arc<Semaphore>>, ended: Arc<Semaphore>) {
    let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(length) = client.read(&mut buffer).await {
        if length == 0 {
            if !request.is_empty() {
                ended.add_permits(1);
            }
            return;
        }
        request.extend_from_slice(&buffer[..length]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let is_first = request.windows(6).any(|part| part == b"page=0");
        let (status, body) = if is_first {
            let connection = json!({"id": 1, "connection_id": "c", "provider_config_key": "openai",
                "provider": "openai", "errors": [], "end_user": null, "metadata": null,
                "tags": {"end_user_id": "alice", "owner_kind": "user"}, "created": "2026-11-23T09:02:01Z"});
            ("200 OK", json!({"connections": [connection]}))
        } else if refused.is_some() {
            ("401 Unauthorized", json!({"error": {"code": "unauthorized", "message": "no"}}))
        } else {
            continue;
        };
        let (body, content_type) = (body.to_string(), "content-type: application/json");
        let reply =
            format!("HTTP/1.1 {status}\r\n{content_type}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        client.write_all(reply.as_bytes()).await.unwrap();
        if let Some(refused) = refused.as_ref().filter(|_| !is_first) {
            refused.add_permits(100);
        }
        request.clear();
    }
}
