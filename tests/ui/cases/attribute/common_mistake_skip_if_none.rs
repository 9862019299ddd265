use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
}

fn main() {}
