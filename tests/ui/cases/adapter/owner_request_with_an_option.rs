use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use nango_core::Owner;
use nango_core::routes::OwnerRequest;

async fn answer(request: OwnerRequest, owner: Option<&Owner>) {
    request.answer(owner, |_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
}

fn main() {}
