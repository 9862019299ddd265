use nango_core::TagMapper;

type Maybe<T> = Option<T>;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    plan: Maybe<String>,
}

fn main() {}
