//! Ready-made Nango routes for [Actix Web](actix_web) 4.
//!
//! ```toml
//! [dependencies]
//! actix-web = "4"
//! nango-actix = "0.1"
//! ```
//!
//! ```no_run
//! use std::future::{Ready, ready};
//!
//! use actix_web::dev::Payload;
//! use actix_web::error::ErrorUnauthorized;
//! use actix_web::{App, FromRequest, HttpRequest, HttpServer, web};
//! use nango_actix::nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};
//!
//! #[derive(TagMapper)]
//! #[nango(crate = ::nango_actix::nango_core)] // unless the app depends on nango-core itself
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
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let nango = Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
//!         .allowed_integrations(["slack"])
//!         .entity::<User>()
//!         .build()?;
//!
//!     // Created once and cloned into every worker: all workers share the handle and its limits.
//!     let routes = nango_actix::routes::<User>(nango);
//!     let app = move || App::new().service(web::scope("/nango").configure(routes.clone()));
//!     HttpServer::new(app).bind("127.0.0.1:3000")?.run().await?;
//!     Ok(())
//! }
//! ```
//!
//! For the routes and their rules, see [`nango_core::routes`].
//!
//! # Versions
//!
//! The routes configure a [`ServiceConfig`](actix_web::web::ServiceConfig) of actix-web 4, and the extractor is one
//! of actix-web 4: those of another version are other types. The crate that they belong to is
//! [`nango_actix::actix_web`](actix_web).
//!
//! # Features
//!
//! Those of [`nango_core`] under their names: `derive` and `rustls` are on by default; `metrics`, `native-tls` and
//! `openapi` are not.

mod convert;
mod routes;

pub use actix_web;
pub use nango_core;

pub use routes::{RouteOwner, owner_routes, public_routes, routes};
