//! The accesses that a step makes: which steps can be exchanged without a difference.

use std::collections::BTreeSet;

/// A kind of access to state that actors share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A row is read.
    Read,
    /// A row is written.
    Write,
    /// The app's handler is called.
    Notify,
    /// Nango computes an answer.
    Look,
    /// Nango changes the connection.
    Change,
}

/// The accesses that a step has made.
pub(crate) type Accesses = BTreeSet<Kind>;

/// The accesses that a step is predicted to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Footprint {
    Reads,
    /// Takes a delivery from the network, then reads.
    TakesDelivery,
    /// Has Nango compute an answer, and may read.
    Looks,
    /// Changes the connection at Nango.
    Changes,
    Anything,
}

impl Footprint {
    pub(crate) fn commutes_with(self, other: Self) -> bool {
        use Footprint::{Changes, Looks, Reads, TakesDelivery};
        match (self, other) {
            (Reads | TakesDelivery | Looks, Reads | TakesDelivery | Looks) => {
                (self, other) != (TakesDelivery, TakesDelivery)
            }
            (Reads, Changes) | (Changes, Reads) => true,
            _ => false,
        }
    }

    /// Returns whether a step has made no other accesses than predicted. Where it has, orders that
    /// differ are left out.
    pub(crate) fn covers(self, accesses: &Accesses) -> bool {
        let allowed: &[Kind] = match self {
            Self::Reads | Self::TakesDelivery => &[Kind::Read],
            Self::Looks => &[Kind::Read, Kind::Look],
            Self::Changes => &[Kind::Read, Kind::Look, Kind::Change],
            Self::Anything => return true,
        };
        accesses.iter().all(|kind| allowed.contains(kind))
    }
}
