use nango_core::{TagFields, TagMapper};

#[derive(TagFields)]
struct Region {
    #[nango(tag)]
    continent: String,
}

#[derive(TagMapper)]
struct User<'a> {
    #[nango(id)]
    id: &'a str,
    #[nango(tag)]
    continent: String,
    #[nango(flatten)]
    region: Region,
}

fn main() {}
