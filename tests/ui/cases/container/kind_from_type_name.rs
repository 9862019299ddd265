use nango_core::TagMapper;

#[derive(TagMapper)]
struct Größe {
    #[nango(id)]
    id: u64,
}

fn main() {}
