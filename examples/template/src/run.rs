//! Starts everything, and stops it in order.

use std::net::SocketAddr;
use std::time::Duration;

use nango_core::{BoxError, EventWorker, Nango, Sweeper};
use nango_sqlx::{Options, PostgresStore};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::app::{AppState, router};
use crate::config::Config;
use crate::database;
use crate::handler::Handler;
use crate::mail::Mailer;
use crate::nango;
use crate::pages::ConnectUrl;
use crate::server;

/// The time between two sweeps, which find what no webhook has reported.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// The longest wait for open requests when the app stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// A running app.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    nango: Nango,
    pool: PgPool,
    server: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    sweeper: Sweeper,
    worker: EventWorker,
}

/// Starts the web server, the sweeper and the worker of events.
///
/// # Errors
///
/// When the database cannot be reached or migrated, or when the configuration is not valid.
pub async fn start(config: &Config, mailer: Mailer, listener: TcpListener) -> Result<Running, BoxError> {
    let address = listener.local_addr()?;
    let pool = database::open(&config.database_url).await?;
    if config.migrates {
        database::migrate(&pool).await?;
    }
    // Names the files that are missing, where the tables are migrated by hand.
    let options = Options::new().migrate(config.migrates);
    let store = PostgresStore::new_with(pool.clone(), &options).await?;
    let queue = store.event_queue(&options).await?;

    let handler = Handler::new(pool.clone(), mailer, config.public_url.clone());
    let nango = nango::build(config, store, queue.clone(), handler)?;
    let sweeper = nango.spawn_sweeper(SWEEP_EVERY);
    let worker = nango.event_worker(queue).one_per_connection().spawn()?;

    let connect_url = ConnectUrl(config.connect_url.clone());
    let state = AppState { nango: nango.clone(), pool: pool.clone(), connect_url };
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(server::serve(listener, router(state, config.has_tls()), async {
        let _ = stopped.await;
    }));
    Ok(Running { address, nango, pool, server, stop, sweeper, worker })
}

impl Running {
    /// Returns the address of the web server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the app's handle.
    #[must_use]
    pub fn nango(&self) -> &Nango {
        &self.nango
    }

    /// Accepts nothing new, lets open requests and work that has begun end, and closes the database. Events that
    /// were not handled stay in the queue, and notifications in the store.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        // Before the open requests end: another instance may sweep from now on.
        self.sweeper.stop().await;
        let _ = timeout(SHUTDOWN_TIMEOUT, self.server).await;
        self.worker.stop().await;
        self.nango.settled().await;
        self.pool.close().await;
    }
}
