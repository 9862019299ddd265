//! From Actix's types to core's and back. Nothing is decided here.

use actix_web::dev::Payload;
use actix_web::guard::fn_guard;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use nango_core::routes::{self as core, Audience, Route};
use nango_core::{Caller, Nango, TagMapper};

use crate::convert;

/// An entity that Actix can find out from a request. Implemented for all that can be.
#[diagnostic::on_unimplemented(
    message = "the routes cannot find out which `{Self}` is calling",
    label = "not both a `TagMapper` and an extractor",
    note = "derive `nango_core::TagMapper` for it, and implement `actix_web::FromRequest` from your login"
)]
pub trait RouteOwner: TagMapper + FromRequest + 'static {}

impl<E> RouteOwner for E where E: TagMapper + FromRequest + 'static {}

/// All routes: those of the owner `E`, the webhook and the OAuth callback. For the `configure` of an app or of any scope.
///
/// # Panics
///
/// When `E` was not registered with the builder of `nango`.
pub fn routes<E: RouteOwner>(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    let (owner, public) = (owner_routes::<E>(nango.clone()), public_routes(nango));
    move |config: &mut web::ServiceConfig| {
        config.configure(owner).configure(public);
    }
}

/// The routes that the owner's browser calls: for a second kind of owner, or where login is a middleware.
///
/// # Panics
///
/// When `E` was not registered with the builder of `nango`.
pub fn owner_routes<E: RouteOwner>(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    nango.assert_registered::<E>();
    move |config: &mut web::ServiceConfig| {
        for route in Route::ALL.into_iter().filter(|route| route.audience() == Audience::Owner) {
            let nango = nango.clone();
            let answer = move |request: HttpRequest, body: web::Payload| {
                let nango = nango.clone();
                async move { answer_owner::<E>(&nango, route, &request, body).await }
            };
            config.service(resource(route).to(answer));
        }
    }
}

/// The routes that nobody is logged in for: the webhook and the OAuth callback.
pub fn public_routes(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    move |config: &mut web::ServiceConfig| {
        for route in Route::ALL.into_iter().filter(|route| route.audience() == Audience::Public) {
            let nango = nango.clone();
            let answer = move |request: HttpRequest, body: web::Payload| {
                let nango = nango.clone();
                async move { answer_public(&nango, route, &request, body).await }
            };
            config.service(resource(route).to(answer));
        }
    }
}

/// Actix decodes a path before it matches it; the guard sees it as it came.
fn resource(route: Route) -> actix_web::Resource {
    web::resource(route.path())
        .guard(fn_guard(move |request| route.matches_end_of(request.head().uri.path())))
}

async fn answer_owner<E: RouteOwner>(
    nango: &Nango,
    route: Route,
    request: &HttpRequest,
    body: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let Ok(head) = convert::head(request) else {
        return Ok(HttpResponse::BadRequest().finish());
    };
    if let Err(refusal) = core::admit(nango, route, &head) {
        return convert::reply(refusal);
    }
    // The body is core's: the extractor gets none.
    let entity = E::from_request(request, &mut Payload::None).await.map_err(Into::into)?;
    let caller = Caller::of(&entity);
    match core::buffer(nango, route, body).await {
        Ok(body) => {
            convert::reply(core::owner(nango, route, caller, http::Request::from_parts(head, body)).await)
        }
        Err(refusal) => convert::reply(refusal),
    }
}

async fn answer_public(
    nango: &Nango,
    route: Route,
    request: &HttpRequest,
    body: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let Ok(head) = convert::head(request) else {
        return Ok(HttpResponse::BadRequest().finish());
    };
    if let Err(refusal) = core::admit(nango, route, &head) {
        return convert::reply(refusal);
    }
    match core::buffer(nango, route, body).await {
        Ok(body) => convert::reply(core::public(nango, route, http::Request::from_parts(head, body)).await),
        Err(refusal) => convert::reply(refusal),
    }
}
