use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kinds = "user")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
