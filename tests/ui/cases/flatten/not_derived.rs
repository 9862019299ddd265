use nango_core::TagMapper;

struct Region {
    continent: String,
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(flatten)]
    region: Region,
}

fn main() {}
