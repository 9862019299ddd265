use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(colour = "red")]
    plan: String,
}

fn main() {}
