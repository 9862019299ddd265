use nango_core::TagMapper;

struct UserId(u64);

impl std::fmt::Display for UserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: UserId,
}

fn main() {}
