use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(colour = "red")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
