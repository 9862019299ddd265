use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = "user")]
#[nango(kind = "person")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
