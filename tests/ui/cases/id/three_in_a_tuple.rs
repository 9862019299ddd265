use nango_core::TagMapper;

#[derive(TagMapper)]
struct User(#[nango(id)] u64, #[nango(id)] u64, #[nango(id)] u64);

fn main() {}
