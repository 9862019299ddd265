use nango_core::TagMapper;

#[derive(TagMapper)]
struct User(#[nango(id)] u64, #[nango(tag = "a b")] String, #[nango(tag = "a_b")] String);

fn main() {}
