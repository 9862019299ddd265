use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = "User", kind = 7)]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
