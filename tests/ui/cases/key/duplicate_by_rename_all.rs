use nango_core::TagMapper;

#[derive(TagMapper)]
#[nango(rename_all = "kebab-case")]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    billing_plan: String,
    #[nango(tag = "billing-plan")]
    old_plan: String,
}

fn main() {}
