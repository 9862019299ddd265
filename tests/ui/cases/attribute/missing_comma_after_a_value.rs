use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag = "organization_id" scope)]
    organization_id: u64,
}

fn main() {}
