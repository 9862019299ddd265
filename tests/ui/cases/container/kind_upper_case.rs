use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = "User")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
