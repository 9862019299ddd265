use nango_core::{TagFields, TagMapper};

#[derive(TagFields)]
struct Region {
    #[nango(tag)]
    continent: String,
}

#[derive(TagMapper)]
struct User {
    #[nango(flatten, id)]
    region: Region,
}

fn main() {}
