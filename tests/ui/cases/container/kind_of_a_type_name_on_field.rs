use nango_core::TagMapper;

#[derive(TagMapper)]
struct Größe {
    #[nango(id, kind = "size")]
    id: u64,
}

fn main() {}
