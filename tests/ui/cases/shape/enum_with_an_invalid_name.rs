use nango_core::TagMapper;

#[derive(TagMapper)]
enum Größe {
    Klein,
}

fn main() {}
