use nango_core::{TagFields, TagMapper};

#[derive(TagFields, TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
