use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(idd)]
    id: u64,
}

fn main() {}
