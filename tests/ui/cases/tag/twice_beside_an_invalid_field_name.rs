use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    #[nango(tag = "plan")]
    _plan: String,
}

fn main() {}
