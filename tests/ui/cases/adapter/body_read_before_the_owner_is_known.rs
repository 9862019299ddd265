use nango_core::routes::OwnerRequest;

async fn read(mut request: OwnerRequest) {
    let body = request.body().await;
}

fn main() {}
