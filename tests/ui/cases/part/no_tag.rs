use nango_core::TagFields;

#[derive(TagFields)]
struct Region {
    continent: String,
}

fn main() {}
