use nango_core::routes::OwnerRequest;

fn twice(request: &OwnerRequest) -> (OwnerRequest, OwnerRequest) {
    (request.clone(), request.clone())
}

fn main() {}
