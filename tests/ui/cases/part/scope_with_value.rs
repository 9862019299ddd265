use nango_core::TagFields;

#[derive(TagFields)]
struct Region {
    #[nango(tag, scope = true)]
    organization_id: u64,
}

fn main() {}
