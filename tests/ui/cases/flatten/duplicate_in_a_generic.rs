// Known once `R` is: `cargo build` reports it, `cargo check` does not.

use nango_core::{TagFields, TagMapper};

#[derive(TagFields)]
struct Region {
    #[nango(tag)]
    continent: String,
}

#[derive(TagMapper)]
struct User<R> {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    continent: String,
    #[nango(flatten)]
    region: R,
}

fn main() {
    let user = User {
        id: 7,
        continent: String::new(),
        region: Region { continent: String::new() },
    };
    let _ = user.to_tags();
}
