//! [`EventQueue`](nango_core::EventQueue) and [`WorkQueue`](nango_core::WorkQueue) of nango-core on NATS
//! JetStream, through [async-nats](https://docs.rs/async-nats/0.51) 0.51, which is re-exported as
//! [`async_nats`]. Tested with nats-server 2.9.10.
//!
//! ```no_run
//! # use nango_core::NangoBuilder;
//! use nango_nats::NatsEventQueue;
//!
//! # async fn run(builder: NangoBuilder) -> Result<(), Box<dyn std::error::Error>> {
//! let queue = NatsEventQueue::connect("nats://127.0.0.1:4222").await?;
//! let nango = builder.event_queue(queue.clone()).build()?;
//! let worker = nango.event_worker(queue).concurrency(16).spawn()?;
//! # drop(worker);
//! # Ok(())
//! # }
//! ```
//!
//! # Streams
//!
//! The constructors create what is missing, under the [prefix](NatsOptions::prefix), which is `nango_events`
//! by default. What exists is used as it is, whatever limits or replicas it was given.
//!
//! | Stream | Subjects | Contents |
//! |---|---|---|
//! | `nango_events_events` | `nango_events.events.KEY` | events that are not handled yet; the consumer is `workers` |
//! | `nango_events_claims` | `nango_events.claims.KEY` | a record for each event that was claimed: who holds it, failures, deaths |
//! | `nango_events_dead` | `nango_events.dead.KEY` | dead letters |
//!
//! # Guarantees
//!
//! - **Each key is one event.** A push is stored only if its key has no message, whenever that came. A push
//!   that is repeated after its event was handled is recognised for two minutes.
//! - **A lost claim changes nothing.** JetStream lets an old delivery be acknowledged even after the event was
//!   delivered to another worker. So every claim, renewal and settlement is a compare-and-set of the event's
//!   record, and the consumer only schedules. Time is the server's.
//! - **Failures, releases and deaths are counted in the record.** JetStream's own count of deliveries has them
//!   in one number, and loses some of it with a crash of its server.
//! - **A crash of a worker or of the server loses nothing that was acknowledged**, neither event nor pause nor
//!   count, and needs no hand. 2.9 forgets deletions of its last seconds when it is killed: records of ended
//!   events are kept for 15 seconds, so that most of those which come back are not handled again. They are, if
//!   the server is away for longer, or if another instance starts meanwhile, which erases the records.
//!
//! Not guaranteed: a machine that loses its power can lose what was acknowledged, since NATS leaves the time
//! of a write to the operating system; [replicas](NatsOptions::replicas) of a cluster, on other machines, are
//! its answer to that. A cluster is not tested here. Events are claimed in the order of their times, but those
//! that come again are before those that are new.
//!
//! While the server refuses connections, a push fails within about five seconds, of Nango's ten. A machine that
//! vanishes without a word is noticed after about fifteen; [`depth`](nango_core::WorkQueue::depth) and the list of
//! dead letters read many records and may take longer.
//!
//! Streams that were made by hand need `discard: new`, no age limit, and, for claims and dead letters, one message
//! per subject: with NATS's own defaults, a full stream drops events. They are not checked.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

mod broker;
mod claims;
mod delivery;
mod health;
mod letters;
mod names;
mod options;
mod queue;
mod record;
mod scan;
mod server;
mod settle;
mod setup;
mod stash;
mod token;
mod tombstones;

pub use options::NatsOptions;
pub use queue::NatsEventQueue;

/// The async-nats whose clients a queue takes: 0.51. Clients of another version are other types.
#[doc(no_inline)]
pub use async_nats;

/// Compiles the README's code.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
