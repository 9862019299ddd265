use nango_core::TagFields;

#[derive(TagFields)]
struct Region {
    #[nango(id)]
    id: u64,
    #[nango(id = 7)]
    number: u64,
}

fn main() {}
