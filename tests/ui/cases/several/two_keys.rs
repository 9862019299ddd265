use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag = "Plan")]
    plan: String,
    #[nango(tag = "a b")]
    other: String,
}

fn main() {}
