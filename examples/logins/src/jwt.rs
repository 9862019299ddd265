//! A JWT in `Authorization: Bearer`, on both frameworks: its claims are the owner's tags.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::ErrorUnauthorized;
use actix_web::{FromRequest, HttpRequest};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use nango_core::TagMapper;
use serde::{Deserialize, Serialize};

/// A real app verifies tokens with the public key of its identity provider.
const SECRET: &[u8] = b"a secret that is long enough for HS256";

/// The claims of a token, which identify the owner.
#[derive(Debug, Clone, Serialize, Deserialize, TagMapper)]
#[nango(kind = "user")]
#[non_exhaustive]
pub struct Claims {
    /// The subject.
    #[nango(id)]
    pub sub: String,
    /// The e-mail address, if the token has one.
    #[nango(tag = "end_user_email")]
    pub email: Option<String>,
    /// The time of expiry. Without an attribute, it is not sent to Nango.
    pub exp: u64,
}

/// Verifies the token of an `Authorization` header, and returns its claims.
fn claims(authorization: Option<&str>) -> Option<Claims> {
    let token = authorization?.strip_prefix("Bearer ")?;
    // A fixed algorithm: the one that the token names is chosen by its sender.
    let validation = Validation::new(Algorithm::HS256);
    let token = jsonwebtoken::decode(token, &DecodingKey::from_secret(SECRET), &validation).ok()?;
    Some(token.claims)
}

impl<S: Sync> FromRequestParts<S> for Claims {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let header = parts.headers.get("authorization").and_then(|header| header.to_str().ok());
        claims(header).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl FromRequest for Claims {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get("authorization").and_then(|header| header.to_str().ok());
        ready(
            claims(header)
                .ok_or_else(|| ErrorUnauthorized("no valid token; send one in Authorization: Bearer")),
        )
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, web};
    use axum::Router;
    use axum::http::Request;
    use jsonwebtoken::{EncodingKey, Header, encode};

    use super::*;
    use crate::{nango, send};

    #[actix_web::test]
    async fn the_subject_of_a_valid_token_owns_connections() {
        let nango = nango::<Claims>().unwrap();
        let axum = Router::new().nest("/nango", nango_axum::router::<Claims, _>(nango.clone()));
        let routes = nango_actix::routes::<Claims>(nango);
        let actix = init_service(App::new().service(web::scope("/nango").configure(routes))).await;

        let token = |exp, secret: &[u8]| {
            let claims = Claims { sub: "alice".to_owned(), email: None, exp };
            encode(&Header::default(), &claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        for (token, status) in [
            (token(4_000_000_000, SECRET), 200),
            (token(1_000_000_000, SECRET), 401),
            (token(4_000_000_000, b"another secret"), 401),
            ("nonsense".to_owned(), 401),
        ] {
            let bearer = format!("Bearer {token}");
            let request = Request::get("/nango/connections").header("authorization", &bearer);
            assert_eq!(send(&axum, request).await.status(), status);
            let request =
                TestRequest::get().uri("/nango/connections").insert_header(("authorization", bearer));
            assert_eq!(call_service(&actix, request.to_request()).await.status(), status);
        }
    }
}
