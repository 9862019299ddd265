use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    id: u64,
    email: String,
}

fn main() {}
