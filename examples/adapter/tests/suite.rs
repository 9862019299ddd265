//! The contract of adapters, on a server of Poem.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::future::ready;

use bytes::Bytes;
use nango_core::testing::adapter::{FALLBACK, OWN, REJECTION, adapter_suite, send};
use nango_core::{Nango, TagMapper};
use poem::error::NotFoundError;
use poem::http::{self, StatusCode};
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::Data;
use poem::{
    EndpointExt as _, Error, FromRequest, IntoEndpoint, Request, RequestBody, Response, Route, Server, get,
    handler,
};

#[derive(TagMapper)]
struct User {
    #[nango(id = "end_user_id")]
    id: String,
}

/// The app's state: a text of its own, and the header that its login reads.
#[derive(Clone)]
struct AppState {
    own: String,
    login: &'static str,
}

impl<'a> FromRequest<'a> for User {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let Data(state) = Data::<&AppState>::from_request(request, body).await?;
        let id = request.headers().get(state.login).and_then(|id| id.to_str().ok());
        id.map(|id| Self { id: id.to_owned() }).ok_or_else(|| {
            let (status, (name, value), body) = REJECTION;
            let rejection = Response::builder().status(StatusCode::from_u16(status).unwrap());
            Error::from_response(rejection.header(name, value).body(body))
        })
    }
}

#[handler]
fn own(Data(state): Data<&AppState>) -> String {
    state.own.clone()
}

/// Creates the app of the suite's contract.
fn app(nango: &Nango, prefix: &str) -> impl IntoEndpoint<Endpoint = impl poem::Endpoint + use<>> + use<> {
    let app = adapter_poem::mount::<User>(Route::new(), prefix, nango);
    let (status, body) = FALLBACK;
    let fallback = move |_: NotFoundError| ready((StatusCode::from_u16(status).unwrap(), body));
    app.at("/own", get(own)).data(AppState { own: OWN.to_owned(), login: "x-user" }).catch_error(fallback)
}

async fn mount(
    nango: Nango,
    prefix: &'static str,
) -> impl AsyncFn(http::Request<Bytes>) -> http::Response<Bytes> {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let server = *acceptor.local_addr()[0].as_socket_addr().unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(app(&nango, prefix)));
    async move |request| send(server, request).await
}

adapter_suite!(User, mount);
