use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(kindd = "user")]
struct Model {
    #[nango(id)]
    id: u64,
}

#[derive(TagMapper)]
#[nango(kind = "User")]
struct Row {
    #[nango(id)]
    id: u64,
}

fn main() {}
