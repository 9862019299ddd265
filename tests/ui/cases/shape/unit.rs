use nango_core::TagMapper;

#[derive(TagMapper)]
struct User;

fn main() {}
