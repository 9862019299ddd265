use nango_core::TagFields;

#[derive(TagFields)]
#[nango(kind)]
struct Region {
    #[nango(tag)]
    continent: String,
}

fn main() {}
