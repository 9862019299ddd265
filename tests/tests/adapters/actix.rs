//! An app on Actix.

use std::fmt;
use std::future::{Ready, ready};
use std::net::SocketAddr;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, FromRequest, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use bytes::Bytes;
use nango_core::testing::adapter::{FALLBACK, OWN, REJECTION, adapter_suite, run, send};
use nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};

#[derive(TagMapper)]
pub(crate) struct User {
    #[nango(id = "end_user_id")]
    id: String,
}

#[derive(Debug)]
pub(crate) struct NotLoggedIn;

impl fmt::Display for NotLoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REJECTION.2)
    }
}

impl ResponseError for NotLoggedIn {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(REJECTION.0).unwrap()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .insert_header(REJECTION.1)
            .content_type("text/plain; charset=utf-8")
            .body(REJECTION.2)
    }
}

/// The app's state, from which the extractor reads, like a real login.
#[derive(Clone)]
struct AppState {
    own: &'static str,
    header: &'static str,
}

impl FromRequest for User {
    type Error = NotLoggedIn;
    type Future = Ready<Result<Self, NotLoggedIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>().unwrap();
        let id = request.headers().get(state.header).and_then(|id| id.to_str().ok());
        assert_ne!(id, Some("panic"), "the login panics");
        ready(id.map(|id| Self { id: id.to_owned() }).ok_or(NotLoggedIn))
    }
}

/// Serves the app of the suite's contract until the test ends.
pub(crate) async fn serve(nango: Nango, prefix: &'static str) -> SocketAddr {
    let routes = nango_actix::routes::<User>(nango);
    let state = web::Data::new(AppState { own: OWN, header: "x-user" });
    let app = move || {
        let app = App::new()
            .app_data(state.clone())
            .route("/own", web::get().to(async |state: web::Data<AppState>| state.own))
            .default_service(web::to(async || {
                HttpResponse::build(StatusCode::from_u16(FALLBACK.0).unwrap())
                    .content_type("text/plain; charset=utf-8")
                    .body(FALLBACK.1)
            }));
        if prefix.is_empty() {
            app.configure(routes.clone())
        } else {
            app.service(web::scope(prefix).configure(routes.clone()))
        }
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

async fn mount(
    nango: Nango,
    prefix: &'static str,
) -> impl AsyncFn(http::Request<Bytes>) -> http::Response<Bytes> {
    let server = serve(nango, prefix).await;
    async move |request| send(server, request).await
}

adapter_suite!(User, mount);

#[test]
fn an_unreadable_head_gets_a_400_without_a_body() {
    run(async {
        let keys = SigningKeys::new(["signing-key"]).unwrap();
        let nango = Nango::builder("api-key", keys, MemoryStore::new())
            .allowed_integrations(["slack"])
            .entity::<User>()
            .build()
            .unwrap();
        let app = init_service(App::new().configure(nango_actix::routes::<User>(nango))).await;
        for path in ["/session-token", "/webhook"] {
            // `http` 1, unlike the `http` 0.2 of Actix, rejects a quotation mark in the name of a
            // header.
            let quotation_mark = HeaderName::from_bytes(b"\"").unwrap();
            let request = TestRequest::post().uri(path).insert_header((quotation_mark, ""));
            let reply = call_service(&app, request.to_request()).await;
            assert_eq!((reply.status().as_u16(), reply.headers().len()), (400, 0), "{path}");
            assert!(read_body(reply).await.is_empty(), "{path}");
        }
    });
}
