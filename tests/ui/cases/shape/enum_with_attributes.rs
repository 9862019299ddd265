use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kind = "owner")]
enum Owner {
    User {
        #[nango(id)]
        id: u64,
    },
}

fn main() {}
