use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(id)]
struct User {
    id: u64,
}

fn main() {}
