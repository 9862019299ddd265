use nango_core::TagFields;

#[derive(TagFields)]
#[nango(kind = "region")]
struct Region {
    #[nango(tag)]
    continent: String,
}

fn main() {}
