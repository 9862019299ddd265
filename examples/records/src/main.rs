//! A worker that keeps a table of GitHub issues in step with the records that a Nango sync saves, to copy
//! from.
//!
//! ```text
//! cargo run -p records-example
//! ```
//!
//! Without `NANGO_SECRET_KEY` it starts an emulator with a connection and a sync whose records change every
//! two seconds, and logs what it stores, until Ctrl-C. With the key it needs
//! `NANGO_WEBHOOK_SIGNING_KEY`, perhaps `NANGO_HOST`, and Nango's primary or secondary webhook URL has to be
//! `/webhook` of this program. An app that has a route for webhooks already calls `webhook::receive` there.
//!
//! Nothing that a sync saves is missed, and none of it is stored twice, wherever the process is killed:
//!
//! - A webhook is a bell. It says that there is something to read, which is noted before it is answered; its
//!   counts and times are not used (`webhook.rs`).
//! - The records are read on from a position of our own, which is stored with the rows in one transaction
//!   (`table.rs`). Each round begins five minutes before it, since a parallel save can commit late.
//! - A row is replaced by a newer state only, so that records may be read any number of times.
//! - A sweep reads everything that is mirrored once a minute: webhooks get lost, and a run that fails has
//!   saved records without a later one that counts them (`worker.rs`).
//! - After a run of the type `INITIAL`, and once a day, all records are compared with all rows: a reset can
//!   have removed records without a trace.
//!
//! Several workers may share a database: one of two that read the same model starts again. Variants of a
//! sync are mirrored from their first webhook on.

#![expect(unreachable_pub, reason = "no other crate uses the types of a binary")]

mod args;
mod demo;
mod table;
mod webhook;
mod worker;

use std::env;
use std::error::Error;
use std::future::pending;
use std::sync::Arc;

use clap::Parser as _;
use nango_client::{Client, SigningKeys};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::Args;
use crate::demo::Demo;
use crate::table::Table;
use crate::worker::Worker;

type BoxError = Box<dyn Error + Send + Sync>;

const CLOUD: &str = "https://api.nango.dev";

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let args = Args::parse();
    let wanted = env::var("RUST_LOG").ok().and_then(|wanted| wanted.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();

    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        format!("cannot listen on {}: {error}; choose another address with --listen", args.listen)
    })?;
    let address = format!("http://{}", listener.local_addr()?);
    let (client, keys, demo) = match env::var("NANGO_SECRET_KEY") {
        Ok(key) => {
            let host = env::var("NANGO_HOST").unwrap_or_else(|_| CLOUD.to_owned());
            let keys = env::var("NANGO_WEBHOOK_SIGNING_KEY").map_err(|_| {
                "NANGO_WEBHOOK_SIGNING_KEY is not set; take the webhook signing key from Nango's Environment settings"
            })?;
            (Client::new(&host, key)?, keys.parse()?, None)
        }
        Err(_) => {
            let demo = Demo::start(&format!("{address}/webhook"), &args.integration).await?;
            let (client, keys) = (demo.client()?, SigningKeys::new([demo.signing_key()])?);
            (client, keys, Some(demo))
        }
    };
    let opened = Table::open(&args.database).await;
    let table = opened.map_err(|error| {
        format!("cannot open {}: {error}; choose another file with --database", args.database)
    })?;
    let bell = Arc::new(Notify::new());
    let routes = webhook::routes(keys, table.clone(), bell.clone(), &args);
    let worker = Worker::new(&client, table, bell, args);
    let changes = async {
        match demo {
            Some(demo) => demo.run().await,
            None => pending().await,
        }
    };

    println!("ready {address}");
    // Nothing has to be ended in order: what is not committed is read again.
    tokio::select! {
        served = axum::serve(listener, routes) => Ok(served?),
        changed = changes => changed,
        () = worker.run() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}
