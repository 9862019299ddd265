use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(crate = "nango_core")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
