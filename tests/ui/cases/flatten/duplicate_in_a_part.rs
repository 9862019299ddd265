use nango_core::{TagFields, TagMapper};

#[derive(TagFields)]
struct Region {
    #[nango(tag)]
    continent: String,
}


#[derive(TagFields)]
struct Place {
    #[nango(tag)]
    continent: String,
    #[nango(flatten)]
    region: Region,
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(flatten)]
    place: Place,
}

fn main() {}
