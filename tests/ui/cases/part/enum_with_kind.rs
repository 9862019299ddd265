use nango_core::TagFields;

#[derive(TagFields)]
#[nango(kind = "Region")]
enum Region {
    Europe,
}

fn main() {}
