//! The worker: takes events from a queue, and runs the app's handler for each until it has succeeded.

mod builder;
mod calls;
mod event_worker;
mod held;
mod job;
mod late;
mod policy;
mod task;
mod turns;

#[cfg(test)]
mod tests;

pub use builder::EventWorkerBuilder;
pub use event_worker::EventWorker;
