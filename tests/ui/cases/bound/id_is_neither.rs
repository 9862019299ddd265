use nango_core::TagMapper;

struct UserId(u64);

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: UserId,
}

fn main() {}
