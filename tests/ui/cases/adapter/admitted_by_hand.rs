use http::request::Parts;
use nango_core::Nango;
use nango_core::routes::{Admitted, OwnerRequest};

fn admit_anything(nango: Nango, head: Parts) -> Admitted {
    Admitted::Owner(OwnerRequest { nango, head })
}

fn main() {}
