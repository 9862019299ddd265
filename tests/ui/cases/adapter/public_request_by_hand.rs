use nango_core::Nango;
use nango_core::routes::PublicRequest;

fn deliver(nango: Nango) -> PublicRequest {
    PublicRequest { nango }
}

fn main() {}
