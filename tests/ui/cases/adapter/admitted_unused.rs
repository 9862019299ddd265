#![deny(unused_must_use)]

use http::Response;
use http::request::Parts;
use bytes::Bytes;
use nango_core::Nango;
use nango_core::routes::{Route, admit};

fn check_only(nango: &Nango, head: Parts) -> Result<(), Response<Bytes>> {
    admit(nango, Route::Webhook, head)?;
    Ok(())
}

fn main() {}
