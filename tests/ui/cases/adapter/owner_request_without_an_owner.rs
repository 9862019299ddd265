use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use nango_core::routes::OwnerRequest;

async fn answer(request: OwnerRequest) {
    request.answer(|_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
}

fn main() {}
