use nango_core::TagMapper;

#[derive(TagMapper)]
struct User(#[nango(id)] u64, #[nango(tag = "API Key")] String);

fn main() {}
