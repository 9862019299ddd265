use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(crate = 7)]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
