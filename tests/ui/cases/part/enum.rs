use nango_core::TagFields;

#[derive(TagFields)]
enum Region {
    Europe,
    Asia,
}

fn main() {}
