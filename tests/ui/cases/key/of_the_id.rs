use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id = "User")]
    id: u64,
}

fn main() {}
