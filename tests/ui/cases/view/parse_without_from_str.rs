use nango_core::{TagMapper, Tags};

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    plan: Plan,
}


struct Plan;

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("pro")
    }
}

fn plan(tags: &Tags) {
    let _ = tags.view::<User>().plan.parse();
}

fn main() {}
