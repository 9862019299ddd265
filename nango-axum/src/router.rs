//! Conversion between the types of Axum and of `nango_core::routes`, which decides every reply.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequestParts, Request, State};
use axum::http;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use nango_core::routes::{self, Admitted, Audience, Route};
use nango_core::{Nango, OwnerIdentity, TagMapper};

/// An entity that an Axum extractor finds in a request. Implemented for every such type.
#[diagnostic::on_unimplemented(
    message = "the routes cannot extract a `{Self}` from a request",
    label = "not both a `TagMapper` and an extractor of axum 0.8 with this router's state",
    note = "derive `nango_core::TagMapper` for it, and implement `axum::extract::FromRequestParts<S>` from your login",
    note = "if it is one already, check that the router's state `{S}` is the state of that extractor, and that the \
            extractor is one of axum 0.8, as `nango_axum::axum` is: that of another version is another trait"
)]
pub trait RouteOwner<S>: TagMapper + FromRequestParts<S> + Send + Sync + 'static {}

impl<E, S> RouteOwner<S> for E where E: TagMapper + FromRequestParts<S> + Send + Sync + 'static {}

/// Creates a router with all routes: those of the owner `E`, the webhook and the OAuth callback.
/// Nest it anywhere.
///
/// # Panics
///
/// If `E` was not registered with the builder of `nango`.
pub fn router<E, S>(nango: Nango) -> Router<S>
where
    E: RouteOwner<S>,
    S: Clone + Send + Sync + 'static,
{
    owner_routes::<E, S>(nango.clone()).merge(public_routes(nango))
}

/// Creates a router with the routes of the owner `E` only: for a second kind of owner, or where
/// login is a layer.
///
/// # Panics
///
/// If `E` was not registered with the builder of `nango`.
#[expect(clippy::needless_pass_by_value, reason = "one signature for all three routers")]
pub fn owner_routes<E, S>(nango: Nango) -> Router<S>
where
    E: RouteOwner<S>,
    S: Clone + Send + Sync + 'static,
{
    nango.assert_registered::<E>();
    let mut router = Router::new();
    for route in Route::ALL.iter().copied().filter(|route| route.audience() == Audience::Owner) {
        let nango = nango.clone();
        let answer = async move |State(state): State<S>, request: Request| {
            answer_owner::<E, S>(&nango, route, &state, request).await
        };
        router = router.route(route.path(), any(answer));
    }
    router
}

/// Creates a router with the routes that need no login: the webhook and the OAuth callback.
pub fn public_routes<S>(nango: Nango) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut router = Router::new();
    for route in Route::ALL.iter().copied().filter(|route| route.audience() == Audience::Public) {
        let nango = nango.clone();
        let answer = async move |request: Request| answer_public(&nango, route, request).await;
        router = router.route(route.path(), any(answer));
    }
    let answer = async move || convert(routes::answer_misdirected_webhook(&nango));
    router.route(routes::MISDIRECTED_WEBHOOK, any(answer))
}

// Neither is an `async fn`, which would hold the whole request until its reply is there.

fn answer_owner<'a, E, S>(
    nango: &Nango,
    route: Route,
    state: &'a S,
    request: Request,
) -> impl Future<Output = Response> + use<'a, E, S>
where
    E: RouteOwner<S>,
    S: Send + Sync,
{
    let (head, body) = request.into_parts();
    let admitted = routes::admit(nango, route, head);
    async move {
        let mut request = match admitted {
            Ok(Admitted::Owner(request)) => request,
            Ok(Admitted::Public(request)) => return convert(request.answer(chunks(body)).await),
            Err(refusal) => return convert(refusal),
        };
        let caller = match E::from_request_parts(request.head(), state).await {
            Ok(entity) => OwnerIdentity::of(&entity),
            Err(rejection) => return rejection.into_response(),
        };
        convert(request.answer(caller, chunks(body)).await)
    }
}

fn answer_public(nango: &Nango, route: Route, request: Request) -> impl Future<Output = Response> + use<> {
    let (head, body) = request.into_parts();
    let admitted = routes::admit(nango, route, head);
    async move {
        match admitted {
            Ok(Admitted::Owner(request)) => convert(request.not_mounted()),
            Ok(Admitted::Public(request)) => convert(request.answer(chunks(body)).await),
            Err(refusal) => convert(refusal),
        }
    }
}

/// Returns the poll function of a body's chunks. Trailers become empty chunks.
fn chunks(mut body: Body) -> impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
    move |context| {
        Pin::new(&mut body).poll_frame(context).map_ok(|frame| frame.into_data().unwrap_or_default())
    }
}

fn convert(reply: http::Response<Bytes>) -> Response {
    reply.map(Body::from)
}
