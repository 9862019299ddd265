use nango_core::routes::{Admitted, OwnerRequest};

fn without_login(request: OwnerRequest) -> Admitted {
    Admitted::Public(request)
}

fn main() {}
