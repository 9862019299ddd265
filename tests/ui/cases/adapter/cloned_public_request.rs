use nango_core::routes::PublicRequest;

fn replay(request: &PublicRequest) -> PublicRequest {
    request.clone()
}

fn main() {}
