//! Ready-made Nango routes for [Actix Web](actix_web) 4.
//!
//! ```
//! use std::future::{Ready, ready};
//!
//! use actix_web::dev::Payload;
//! use actix_web::error::ErrorUnauthorized;
//! use actix_web::{App, FromRequest, HttpRequest, web};
//! use nango_actix::nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};
//!
//! #[derive(TagMapper)]
//! #[nango(crate = ::nango_actix::nango_core)]
//! struct User {
//!     #[nango(id)]
//!     id: String,
//! }
//!
//! // Your own login, of any kind. Its error is the reply.
//! impl FromRequest for User {
//!     type Error = actix_web::Error;
//!     type Future = Ready<Result<Self, Self::Error>>;
//!
//!     fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
//!         let id = request.headers().get("x-user").and_then(|id| id.to_str().ok());
//!         ready(id.map(|id| User { id: id.to_owned() }).ok_or_else(|| ErrorUnauthorized("log in first")))
//!     }
//! }
//!
//! # fn main() -> Result<(), nango_actix::nango_core::ConfigError> {
//! let nango = Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
//!     .allowed_integrations(["slack"])
//!     .entity::<User>()
//!     .build()?;
//!
//! // Created once and cloned into every worker: all workers share the handle and its limits.
//! let routes = nango_actix::routes::<User>(nango);
//! let app = move || App::new().service(web::scope("/nango").configure(routes.clone()));
//! # let _ = actix_web::HttpServer::new(app);
//! # Ok(())
//! # }
//! ```
//!
//! For the routes and their rules, see [`nango_core::routes`].

mod convert;
mod routes;

pub use nango_core;

pub use routes::{RouteOwner, owner_routes, public_routes, routes};
