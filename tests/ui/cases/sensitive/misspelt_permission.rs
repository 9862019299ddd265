use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, allow_sensitve)]
    token_budget: u64,
}

fn main() {}
