use nango_core::TagMapper;

struct Region;

#[derive(TagMapper)]
struct User<R> {
    #[nango(id)]
    id: u64,
    #[nango(flatten)]
    region: R,
}

fn needs<E: TagMapper>() {}

fn main() {
    needs::<User<Region>>();
}
