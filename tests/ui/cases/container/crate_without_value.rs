use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(crate)]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
