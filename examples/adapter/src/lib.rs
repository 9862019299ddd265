//! The routes of nango-core in [Poem](poem): an adapter for a framework that has none, to copy from.
//!
//! It is written against [`nango_core::routes`], whose documentation has the contract, and passes
//! `adapter_suite!`. The README says which parts another framework needs instead.

use std::marker::PhantomData;
use std::pin::pin;
use std::task::Context;

use bytes::Bytes;
use futures_core::Stream as _;
use nango_core::routes::{Admitted, MISDIRECTED_WEBHOOK, Route, admit, answer_misdirected_webhook};
use nango_core::{Nango, OwnerIdentity, TagMapper};
use poem::http::request::Parts;
use poem::{Body, Endpoint, FromRequest, Request, Response, ResponseParts};

/// Mounts the routes in an app, below a path such as `/nango`; `""` is none.
///
/// They are not nested: `Route::nest` answers 400 by itself where a decoded path is not UTF-8, and
/// the routes have a reply for every path.
///
/// `E` is the app's own login: an extractor that reads the head of the request. Its error is
/// returned as the endpoint's error, so that the app's `catch_error` sees it.
///
/// ```
/// use nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};
/// use poem::{FromRequest, Request, RequestBody, Route, http::StatusCode};
///
/// #[derive(TagMapper)]
/// struct User {
///     #[nango(id)]
///     id: String,
/// }
///
/// impl<'a> FromRequest<'a> for User {
///     async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
///         let user: Option<&String> = request.data(); // what the app's session middleware has set
///         Ok(Self { id: user.ok_or(StatusCode::UNAUTHORIZED)?.clone() })
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let nango = Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
///     .host("http://nango-server:3003")
///     .allowed_integrations(["slack"])
///     .entity::<User>()
///     .build()?;
/// let app = adapter_poem::mount::<User>(Route::new(), "/nango", &nango);
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// If `E` was not registered with the builder of `nango`, and, like `Route::at`, if the app has one of
/// these paths already.
#[must_use]
pub fn mount<E>(app: poem::Route, below: &str, nango: &Nango) -> poem::Route
where
    E: TagMapper + for<'a> FromRequest<'a> + Send + Sync + 'static,
{
    nango.assert_registered::<E>();
    let app = app.at(format!("{below}{MISDIRECTED_WEBHOOK}"), Misdirected(nango.clone()));
    Route::ALL.iter().fold(app, |app, &route| {
        let endpoint = Mounted::<E> { nango: nango.clone(), route, entity: PhantomData };
        // Without a method: `admit` answers the wrong ones.
        app.at(format!("{below}{}", pattern(route)), endpoint)
    })
}

/// A route of nango-core with the app's login.
struct Mounted<E> {
    nango: Nango,
    route: Route,
    entity: PhantomData<fn() -> E>,
}

impl<E> Endpoint for Mounted<E>
where
    E: TagMapper + for<'a> FromRequest<'a> + Send + Sync + 'static,
{
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        // The body is taken out, so that no extractor can read it before the owner is known.
        let mut body = pin!(request.take_body().into_bytes_stream());
        let chunks = |context: &mut Context<'_>| body.as_mut().poll_next(context);
        let reply = match admit(&self.nango, self.route, head(&request)) {
            Ok(Admitted::Owner(admitted)) => {
                let owner = OwnerIdentity::of(&E::from_request_without_body(&request).await?);
                admitted.answer(owner, chunks).await
            }
            Ok(Admitted::Public(admitted)) => admitted.answer(chunks).await,
            Err(refusal) => refusal,
        };
        Ok(response(reply))
    }
}

/// A webhook URL with a slash too many.
struct Misdirected(Nango);

impl Endpoint for Misdirected {
    type Output = Response;

    async fn call(&self, _: Request) -> poem::Result<Response> {
        Ok(response(answer_misdirected_webhook(&self.0)))
    }
}

/// Returns the path in Poem's notation: `:handle` for `{handle}`.
fn pattern(route: Route) -> String {
    route.path().replace('{', ":").replace('}', "")
}

/// Copies the head: Poem's extractors read its own request, which keeps what `Parts` has no room for.
fn head(request: &Request) -> Parts {
    let (mut head, ()) = poem::http::Request::new(()).into_parts();
    head.method = request.method().clone();
    head.uri = request.uri().clone();
    head.headers = request.headers().clone();
    head
}

fn response(reply: poem::http::Response<Bytes>) -> Response {
    let (head, body) = reply.into_parts();
    let parts = ResponseParts {
        status: head.status,
        version: head.version,
        headers: head.headers,
        extensions: head.extensions,
    };
    Response::from_parts(parts, Body::from_bytes(body))
}
