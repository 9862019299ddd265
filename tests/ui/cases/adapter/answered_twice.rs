use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use nango_core::Owner;
use nango_core::routes::OwnerRequest;

async fn answer(request: OwnerRequest, alice: &Owner, bob: &Owner) {
    request.answer(alice, |_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
    request.answer(bob, |_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
}

fn main() {}
