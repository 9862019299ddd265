use nango_core::TagMapper;

#[derive(TagMapper)]
struct User(#[nango(id)] u64, #[nango(tag = 7)] String, #[nango(tag = 8)] String);

fn main() {}
