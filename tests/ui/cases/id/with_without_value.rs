use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id, with)]
    id: u64,
}

fn main() {}
