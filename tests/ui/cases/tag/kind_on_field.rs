use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(kind = "user")]
    plan: String,
}

fn main() {}
