use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id, tag = user_id)]
    id: u64,
}

fn main() {}
