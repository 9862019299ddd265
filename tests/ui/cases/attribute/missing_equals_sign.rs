use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag "plan")]
    plan: String,
}

fn main() {}
