use nango_core::{TagFields, TagMapper};

#[derive(TagFields)]
struct Region {
    #[nango(tag)]
    continent: String,
}


#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(flatten, tag = 7, scope)]
    region: Region,
}

fn main() {}
