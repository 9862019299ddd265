use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = "User")]
struct User {
    #[nango(tag = "Plan")]
    plan: String,
}

fn main() {}
