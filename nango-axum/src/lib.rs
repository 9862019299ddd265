//! Ready-made Nango routes for [Axum](axum) 0.8.
//!
//! ```
//! use axum::Router;
//! use axum::extract::FromRequestParts;
//! use axum::http::{StatusCode, request::Parts};
//! use nango_axum::nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};
//!
//! #[derive(TagMapper)]
//! #[nango(crate = ::nango_axum::nango_core)]
//! struct User {
//!     #[nango(id)]
//!     id: String,
//! }
//!
//! // Your own login, of any kind. Its rejection is the reply.
//! impl<S: Sync> FromRequestParts<S> for User {
//!     type Rejection = StatusCode;
//!
//!     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
//!         let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
//!         Ok(User { id: id.to_owned() })
//!     }
//! }
//!
//! # fn main() -> Result<(), nango_axum::nango_core::ConfigError> {
//! let nango = Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
//!     .allowed_integrations(["slack"])
//!     .entity::<User>()
//!     .build()?;
//!
//! let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
//! # Ok(())
//! # }
//! ```
//!
//! For the routes and their rules, see [`nango_core::routes`].

mod router;

pub use nango_core;

pub use router::{RouteOwner, owner_routes, public_routes, router};
