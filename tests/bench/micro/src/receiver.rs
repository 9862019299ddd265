//! A handle on a store in memory and a Nango within the process.

use nango_core::nango_client::HttpOptions;
use nango_core::{MemoryStore, Nango, SigningKeys, Verified};
use tokio::runtime::{Builder, Runtime};

use crate::canned::Canned;
use crate::deliveries::auth;
use crate::owners::{Organization, User};

/// A handle that receives one delivery. Its look at Nango, reconciliation, attribution and the write to the
/// store run on the thread that calls.
#[derive(Debug)]
pub struct Receiver {
    runtime: Runtime,
    nango: Nango,
    delivery: Verified,
}

impl Receiver {
    /// Creates a receiver whose store does not have the connection.
    ///
    /// # Panics
    ///
    /// When it cannot be created.
    #[must_use]
    pub fn new() -> Self {
        let signed = auth();
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let nango = nango(&signed.keys);
        Self { runtime, nango, delivery: signed.verified() }
    }

    /// Creates a receiver whose store has the connection in the state that the delivery describes.
    #[must_use]
    pub fn with_row() -> Self {
        let receiver = Self::new();
        receiver.receive();
        receiver
    }

    /// Receives the delivery.
    ///
    /// # Panics
    ///
    /// When it is not received.
    pub fn receive(&self) {
        self.runtime.block_on(self.nango.receive(&self.delivery)).expect("a delivery that is received");
    }

    /// Returns the number of connections that the store has of an owner, read as an owner's request does.
    ///
    /// # Panics
    ///
    /// When the store fails.
    #[must_use]
    pub fn count(&self, user: &User) -> usize {
        self.runtime.block_on(self.nango.connections(user)).expect("a store").len()
    }

    /// Returns the handle.
    #[must_use]
    pub fn nango(&self) -> &Nango {
        &self.nango
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

fn nango(keys: &SigningKeys) -> Nango {
    Nango::builder("key", keys.clone(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .http(HttpOptions::new().transport(Canned::new()))
        .allowed_integrations(["slack"])
        .entity::<User>()
        .entity::<Organization>()
        .build()
        .expect("a handle")
}
