use nango_core::TagMapper;

#[derive(TagMapper)]
enum Owner {
    User { id: u64 },
    Organization { id: u64 },
}

fn main() {}
