use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(rename = "plan")]
    billing: String,
}

fn main() {}
