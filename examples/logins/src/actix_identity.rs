//! [actix-identity](::actix_identity), on a session of [actix-session](actix_session).

use std::future::{Ready, ready};

use actix_identity::{Identity, IdentityExt as _, IdentityMiddleware};
use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::Key;
use actix_web::dev::Payload;
use actix_web::error::ErrorUnauthorized;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, web};
use nango_core::{Nango, TagMapper};

/// The user that actix-identity has identified.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct User {
    /// The name of the login.
    #[nango(id)]
    pub id: String,
}

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.get_identity().and_then(|identity| identity.id());
        ready(id.map(|id| Self { id }).map_err(|_| ErrorUnauthorized("log in first")))
    }
}

/// Returns the routes of an app. Its login accepts any name; a real one also checks a password.
pub fn routes(nango: Nango) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    let connections = nango_actix::routes::<User>(nango);
    let log_in = async |request: HttpRequest, name: web::Path<String>| match Identity::login(
        &request.extensions(),
        name.into_inner(),
    ) {
        Ok(_) => HttpResponse::NoContent(),
        Err(_) => HttpResponse::ServiceUnavailable(),
    };
    move |config: &mut web::ServiceConfig| {
        config
            .route("/login/{user}", web::post().to(log_in))
            .service(web::scope("/nango").configure(connections));
    }
}

/// Returns the middlewares in the order of `App::new().wrap(identity).wrap(session)`: the outer one
/// is wrapped last.
#[must_use]
pub fn middlewares(key: Key) -> (IdentityMiddleware, SessionMiddleware<CookieSessionStore>) {
    (IdentityMiddleware::default(), SessionMiddleware::new(CookieSessionStore::default(), key))
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;
    use crate::nango;

    #[actix_web::test]
    async fn an_identified_user_owns_connections() {
        let (identity, session) = middlewares(Key::generate());
        let routes = routes(nango::<User>().unwrap());
        let app = init_service(App::new().wrap(identity).wrap(session).configure(routes)).await;
        let list = || TestRequest::get().uri("/nango/connections");
        assert_eq!(call_service(&app, list().to_request()).await.status(), 401);
        let login = TestRequest::post().uri("/login/alice").to_request();
        let reply = call_service(&app, login).await;
        let cookie = reply.response().cookies().next().unwrap().into_owned();
        assert_eq!(call_service(&app, list().cookie(cookie).to_request()).await.status(), 200);
    }
}
