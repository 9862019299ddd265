use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(renameall = "kebab-case")]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    #[allow(non_snake_case)]
    billingPlan: String,
}

fn main() {}
