use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(rename_all = "camelCase")]
struct User {
    #[nango(id)]
    id: u64,
}

fn main() {}
