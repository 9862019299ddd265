use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, with = "missing")]
    plan: u64,
}

fn main() {}
