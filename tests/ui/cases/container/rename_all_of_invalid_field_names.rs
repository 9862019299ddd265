use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(rename_all = "lowercase")]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    #[allow(non_snake_case)]
    billingPlan: String,
    #[nango(tag)]
    #[allow(non_snake_case)]
    seatCount: u32,
}

fn main() {}
