//! The store comes to agree with Nango, whatever happens on the way.

#[path = "truth/outages.rs"]
mod outages;
#[path = "truth/sweep.rs"]
mod sweep;
