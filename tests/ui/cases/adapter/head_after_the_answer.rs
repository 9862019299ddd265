use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use nango_core::Owner;
use nango_core::routes::OwnerRequest;

async fn answer(mut request: OwnerRequest, owner: &Owner) {
    let head = request.head();
    request.answer(owner, |_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
    head.headers.clear();
}

fn main() {}
