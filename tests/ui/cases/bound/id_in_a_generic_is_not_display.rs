use nango_core::TagMapper;

#[derive(TagMapper)]
struct Project<I> {
    #[nango(id)]
    id: I,
}

struct ProjectId;

fn needs<E: TagMapper>() {}

fn main() {
    needs::<Project<ProjectId>>();
}
