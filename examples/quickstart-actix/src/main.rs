//! The quickstart's back end on Actix Web. Its page, flags, models and Nango are those of the quickstart.

#![expect(unreachable_pub, reason = "an app has nobody outside who could name its types")]

mod app;
mod page;
mod session;

// Files and not a library: Actix's `FromRequest` can be implemented only for types of one's own crate.
#[path = "../../quickstart/src/args.rs"]
mod args;
#[path = "../../quickstart/src/backend.rs"]
mod backend;
#[path = "../../quickstart/src/database.rs"]
mod database;
#[path = "../../quickstart/src/key.rs"]
mod key;
#[path = "../../quickstart/src/models.rs"]
mod models;
#[path = "../../quickstart/src/start.rs"]
mod start;
#[path = "../../quickstart/src/web.rs"]
mod web;

use std::process::ExitCode;

use actix_web::cookie::Key;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use nango_core::BoxError;

use crate::app::{AppState, routes, sessions};
use crate::backend::Backend;
use crate::start::Parts;

#[tokio::main]
async fn main() -> ExitCode {
    start::run(|| Key::generate().master().to_vec(), serve).await
}

async fn serve(parts: Parts) -> Result<(), BoxError> {
    let Parts { listener, address, key, backend: Backend { nango, offers, connect } } = parts;
    let key = Key::try_from(key.as_slice())?;
    let routes = routes(Data::new(AppState { offers, connect }), nango);
    let app = move || App::new().wrap(sessions(key.clone())).configure(routes.clone());
    let server = HttpServer::new(app).workers(2).shutdown_timeout(5).listen(listener)?;

    println!("ready {address}");
    // Ends on Ctrl-C, and when a service manager says so.
    server.run().await?;
    Ok(())
}
