use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    name: String,
    email: String,
}

fn main() {}
