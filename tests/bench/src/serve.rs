//! The process of an app.

use std::future::ready;
use std::sync::Arc;

use actix_web::web::{self, Json, ServiceConfig};
use actix_web::{App as ActixApp, HttpServer};
use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use crate::child;
use crate::floors::{self, Floor};
use crate::ours;
use crate::outcome::Outcome;
use crate::plan::{App, By, Framework};

/// The threads of an app: those of both frameworks by default, on a machine of two cores.
const WORKERS: usize = 2;

#[tokio::main(worker_threads = 2)]
pub(crate) async fn run(settings: &str) -> Outcome<()> {
    let app: App = serde_json::from_str(settings)?;
    child::end_with_parent();
    match app.by {
        By::Floor => {
            let floor = Arc::new(Floor::new(&app).await?);
            match app.framework {
                Framework::Actix => {
                    on_actix(move |config| floors::actix::routes(Arc::clone(&floor))(config)).await
                }
                Framework::Axum => on_axum(floors::axum::router(floor)).await,
            }
        }
        By::Ours => {
            let nango = ours::nango(&app.nango, ours::store(&app.store, app.fill).await?, app.looks)?;
            match app.framework {
                Framework::Actix => {
                    let counted = nango.clone();
                    let routes = nango_actix::routes::<ours::User>(nango);
                    on_actix(move |config| {
                        let counted = counted.clone();
                        let counts = move || ready(Json(ours::counts(&counted)));
                        config.service(web::scope("/nango").configure(routes.clone()));
                        config.route("/counts", web::get().to(counts));
                    })
                    .await
                }
                Framework::Axum => on_axum(ours::router(nango)).await,
            }
        }
    }
}

async fn on_axum(router: Router) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    child::print(&listener.local_addr()?)?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

async fn on_actix(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Outcome<()> {
    let app = move || {
        let configure = configure.clone();
        ActixApp::new().configure(move |config| configure(config))
    };
    let server = HttpServer::new(app).workers(WORKERS).disable_signals().bind(("127.0.0.1", 0))?;
    child::print(server.addrs().first().ok_or("the server has no address")?)?;
    Ok(server.run().await?)
}
