use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kinds = "size")]
struct Größe {
    #[nango(id)]
    id: u64,
}

fn main() {}
