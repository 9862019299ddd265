//! From Axum's types to core's and back. Nothing is decided here.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use nango_core::routes::{self, Audience, Route};
use nango_core::{Caller, Nango, TagMapper};

/// An entity that Axum can find out from a request. Implemented for all that can be.
#[diagnostic::on_unimplemented(
    message = "the routes cannot find out which `{Self}` is calling",
    label = "not both a `TagMapper` and an extractor of this router's state",
    note = "derive `nango_core::TagMapper` for it, and implement `axum::extract::FromRequestParts<S>` from your login",
    note = "if it is one already, check that the router's state `{S}` is the state of that extractor"
)]
pub trait RouteOwner<S>: TagMapper + FromRequestParts<S> + Send + Sync + 'static {}

impl<E, S> RouteOwner<S> for E where E: TagMapper + FromRequestParts<S> + Send + Sync + 'static {}

/// All routes: those of the owner `E`, the webhook and the OAuth callback. Nest it anywhere.
///
/// # Panics
///
/// When `E` was not registered with the builder of `nango`.
pub fn router<E, S>(nango: Nango) -> Router<S>
where
    E: RouteOwner<S>,
    S: Clone + Send + Sync + 'static,
{
    owner_routes::<E, S>(nango.clone()).merge(public_routes(nango))
}

/// The routes that the owner's browser calls: for a second kind of owner, or where login is a layer.
///
/// # Panics
///
/// When `E` was not registered with the builder of `nango`.
#[expect(clippy::needless_pass_by_value, reason = "the same as `router`, which keeps the handle")]
pub fn owner_routes<E, S>(nango: Nango) -> Router<S>
where
    E: RouteOwner<S>,
    S: Clone + Send + Sync + 'static,
{
    nango.assert_registered::<E>();
    let mut router = Router::new();
    for route in Route::ALL.into_iter().filter(|route| route.audience() == Audience::Owner) {
        let nango = nango.clone();
        let answer = async move |State(state): State<S>, request: Request| {
            answer_owner::<E, S>(&nango, route, &state, request).await
        };
        router = router.route(route.path(), any(answer));
    }
    router
}

/// The routes that nobody is logged in for: the webhook and the OAuth callback.
#[expect(clippy::needless_pass_by_value, reason = "the same as `router`, which keeps the handle")]
pub fn public_routes<S>(nango: Nango) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut router = Router::new();
    for route in Route::ALL.into_iter().filter(|route| route.audience() == Audience::Public) {
        let nango = nango.clone();
        let answer = async move |request: Request| answer_public(&nango, route, request).await;
        router = router.route(route.path(), any(answer));
    }
    router
}

async fn answer_owner<E, S>(nango: &Nango, route: Route, state: &S, request: Request) -> Response
where
    E: RouteOwner<S>,
    S: Send + Sync,
{
    let (mut head, body) = request.into_parts();
    if let Err(refusal) = routes::admit(nango, route, &head) {
        return convert(refusal);
    }
    let caller = match E::from_request_parts(&mut head, state).await {
        Ok(entity) => Caller::of(&entity),
        Err(rejection) => return rejection.into_response(),
    };
    match routes::buffer(nango, route, body.into_data_stream()).await {
        Ok(body) => convert(routes::owner(nango, route, caller, http::Request::from_parts(head, body)).await),
        Err(refusal) => convert(refusal),
    }
}

async fn answer_public(nango: &Nango, route: Route, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if let Err(refusal) = routes::admit(nango, route, &head) {
        return convert(refusal);
    }
    match routes::buffer(nango, route, body.into_data_stream()).await {
        Ok(body) => convert(routes::public(nango, route, http::Request::from_parts(head, body)).await),
        Err(refusal) => convert(refusal),
    }
}

fn convert(reply: http::Response<axum::body::Bytes>) -> Response {
    reply.map(Body::from)
}
