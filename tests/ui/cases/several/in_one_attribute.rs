use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tga, kind = "x", tag = "Plan")]
    plan: String,
}

fn main() {}
