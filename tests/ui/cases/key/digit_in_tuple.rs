use nango_core::TagMapper;

#[derive(TagMapper)]
struct User(#[nango(id)] u64, #[nango(tag = "2nd")] String);

fn main() {}
