use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango = "user"]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
