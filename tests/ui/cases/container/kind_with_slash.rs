use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = "acme/user")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
