use nango_core::TagMapper;

mod upper {}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, with = "upper")]
    plan: String,
}

fn main() {}
