use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(with = "hex")]
    plan: u64,
}

fn main() {}
