use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use nango_core::routes::Admitted;

async fn answer(admitted: Admitted) {
    match admitted {
        Admitted::Public(request) => {
            request.answer(|_| Poll::Ready(None::<Result<Bytes, Infallible>>)).await;
        }
    }
}

fn main() {}
