use nango_core::routes::PublicRequest;

fn signature(request: PublicRequest) {
    let _ = request.head().headers.get(nango_core::SIGNATURE_HEADER);
}

fn main() {}
