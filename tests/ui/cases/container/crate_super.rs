use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(crate = super::nango_core)]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
