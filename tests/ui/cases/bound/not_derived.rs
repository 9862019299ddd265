use nango_core::TagMapper;

struct User {
    id: u64,
}

fn needs<E: TagMapper>() {}

fn main() {
    needs::<User>();
}
