use nango_core::TagFields;

#[derive(TagFields)]
struct Region {
    #[nango(tga)]
    continent: String,
}

fn main() {}
