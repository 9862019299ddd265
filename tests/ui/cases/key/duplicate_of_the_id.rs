use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag = "end_user_id")]
    number: u64,
}

fn main() {}
