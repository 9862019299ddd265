use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, with = "not a path")]
    plan: u64,
}

fn main() {}
