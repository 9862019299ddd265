use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use http::request::Parts;
use nango_core::Owner;
use nango_core::routes::OwnerRequest;

async fn answer(head: Parts, owner: &Owner) {
    OwnerRequest::answer(head, owner, |_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
}

fn main() {}
