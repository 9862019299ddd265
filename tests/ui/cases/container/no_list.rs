use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
