use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = 7)]
struct Größe {
    #[nango(id)]
    id: u64,
}

fn main() {}
