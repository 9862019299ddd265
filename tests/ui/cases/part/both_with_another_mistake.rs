use nango_core::{TagFields, TagMapper};

#[derive(TagFields, TagMapper)]
#[nango(kind = "user")]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, scope)]
    organization_id: u64,
    #[nango(tag = "Plan")]
    plan: String,
}

fn main() {}
