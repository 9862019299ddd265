use nango_core::TagMapper;

#[derive(TagMapper)]
union User {
    id: u64,
    raw: [u8; 8],
}

fn main() {}
