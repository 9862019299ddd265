use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id, scope)]
    id: u64,
}

fn main() {}
