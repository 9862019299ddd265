use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, scope, with = "missing")]
    organization_id: u64,
}

fn main() {}
