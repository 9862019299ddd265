//! Ready-made Nango routes for [Axum](axum) 0.8.
//!
//! ```toml
//! [dependencies]
//! axum = "0.8"
//! nango-axum = "0.1"
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//! ```
//!
//! ```no_run
//! use axum::Router;
//! use axum::extract::FromRequestParts;
//! use axum::http::{StatusCode, request::Parts};
//! use nango_axum::nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};
//!
//! #[derive(TagMapper)]
//! #[nango(crate = ::nango_axum::nango_core)] // unless the app depends on nango-core itself
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
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let nango = Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
//!         .allowed_integrations(["slack"])
//!         .entity::<User>()
//!         .build()?;
//!     let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
//!     axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! For the routes and their rules, see [`nango_core::routes`].
//!
//! # Versions
//!
//! The routes are a [`Router`](axum::Router) of axum 0.8, and the extractor is one of axum 0.8: those of another
//! version are other types. The crate that they belong to is [`nango_axum::axum`](axum).
//!
//! # Features
//!
//! Those of [`nango_core`] under their names: `derive` and `rustls` are on by default; `metrics`, `native-tls` and
//! `openapi` are not.

mod router;

pub use axum;
pub use nango_core;

pub use router::{RouteOwner, owner_routes, public_routes, router};
