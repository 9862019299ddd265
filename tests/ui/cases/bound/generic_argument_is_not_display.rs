use nango_core::TagMapper;

#[derive(TagMapper)]
struct Project<T> {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    plan: T,
}

struct Plan;

fn needs<E: TagMapper>() {}

fn main() {
    needs::<Project<Plan>>();
}
