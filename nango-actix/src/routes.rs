//! Conversion between the types of Actix and of `nango_core::routes`, which decides every reply.

use std::pin::pin;
use std::task::Context;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use nango_core::routes::{self as core, Admitted, Audience, Route};
use nango_core::{Nango, OwnerIdentity, TagMapper};

use crate::convert;

/// An entity that an Actix extractor finds in a request. Implemented for every such type.
#[diagnostic::on_unimplemented(
    message = "the routes cannot extract a `{Self}` from a request",
    label = "not both a `TagMapper` and an extractor of actix-web 4",
    note = "derive `nango_core::TagMapper` for it, and implement `actix_web::FromRequest` from your login",
    note = "if it is one already, check that the extractor is one of actix-web 4, as `nango_actix::actix_web` is: that \
            of another version is another trait"
)]
pub trait RouteOwner: TagMapper + FromRequest + 'static {}

impl<E> RouteOwner for E where E: TagMapper + FromRequest + 'static {}

/// Configures all routes: those of the owner `E`, the webhook and the OAuth callback. Pass it to
/// `configure` of an app or of any scope.
///
/// # Panics
///
/// If `E` was not registered with the builder of `nango`.
pub fn routes<E: RouteOwner>(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    let (owner, public) = (owner_routes::<E>(nango.clone()), public_routes(nango));
    move |config: &mut web::ServiceConfig| {
        config.configure(owner).configure(public);
    }
}

/// Configures the routes of the owner `E` only: for a second kind of owner, or where login is a
/// middleware.
///
/// # Panics
///
/// If `E` was not registered with the builder of `nango`.
pub fn owner_routes<E: RouteOwner>(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    nango.assert_registered::<E>();
    move |config: &mut web::ServiceConfig| {
        for route in Route::ALL.iter().copied().filter(|route| route.audience() == Audience::Owner) {
            let nango = nango.clone();
            let answer = move |request: HttpRequest, body: web::Payload| {
                let nango = nango.clone();
                async move { answer_owner::<E>(&nango, route, &request, body).await }
            };
            config.service(resource(route).to(answer));
        }
    }
}

/// Configures the routes that need no login: the webhook and the OAuth callback.
pub fn public_routes(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    move |config: &mut web::ServiceConfig| {
        for route in Route::ALL.iter().copied().filter(|route| route.audience() == Audience::Public) {
            let nango = nango.clone();
            let answer = move |request: HttpRequest, body: web::Payload| {
                let nango = nango.clone();
                async move { answer_public(&nango, route, &request, body).await }
            };
            config.service(resource(route).to(answer));
        }
        let is_raw =
            |request: &GuardContext<'_>| request.head().uri.path().ends_with(core::MISDIRECTED_WEBHOOK);
        let answer = move || {
            let nango = nango.clone();
            async move { convert::reply(core::answer_misdirected_webhook(&nango)) }
        };
        config.service(web::resource(core::MISDIRECTED_WEBHOOK).guard(fn_guard(is_raw)).to(answer));
    }
}

/// Creates a resource that matches raw paths. Actix itself matches decoded ones.
fn resource(route: Route) -> actix_web::Resource {
    web::resource(route.path())
        .guard(fn_guard(move |request| route.matches_suffix(request.head().uri.path())))
}

async fn answer_owner<E: RouteOwner>(
    nango: &Nango,
    route: Route,
    request: &HttpRequest,
    body: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let mut body = pin!(BodyStream::new(body));
    let chunks = |context: &mut Context<'_>| body.as_mut().poll_next(context);
    let admitted = match admit(nango, route, request) {
        Ok(Admitted::Owner(admitted)) => admitted,
        Ok(Admitted::Public(admitted)) => return convert::reply(admitted.answer(chunks).await),
        Err(refusal) => return convert::reply(refusal),
    };
    // Without a payload: only core reads the body.
    let caller = match E::from_request(request, &mut Payload::None).await {
        Ok(entity) => OwnerIdentity::of(&entity),
        Err(rejection) => return Err(rejection.into()),
    };
    convert::reply(admitted.answer(caller, chunks).await)
}

async fn answer_public(
    nango: &Nango,
    route: Route,
    request: &HttpRequest,
    body: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let mut body = pin!(BodyStream::new(body));
    convert::reply(match admit(nango, route, request) {
        Ok(Admitted::Owner(admitted)) => admitted.not_mounted(),
        Ok(Admitted::Public(admitted)) => admitted.answer(|context| body.as_mut().poll_next(context)).await,
        Err(refusal) => refusal,
    })
}

#[expect(clippy::result_large_err, reason = "the reply is sent next")]
fn admit(nango: &Nango, route: Route, request: &HttpRequest) -> Result<Admitted, http::Response<Bytes>> {
    core::admit(nango, route, convert::head(request).map_err(|_| core::unreadable_head())?)
}
