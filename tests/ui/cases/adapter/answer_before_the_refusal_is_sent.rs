use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use http::request::Parts;
use nango_core::Nango;
use nango_core::routes::{Route, admit};

async fn answer(nango: &Nango, head: Parts) {
    let request = admit(nango, Route::Webhook, head);
    request.answer(|_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
}

fn main() {}
