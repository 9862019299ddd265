use nango_core::TagMapper;

struct Plan;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    plan: Plan,
}

fn main() {}
