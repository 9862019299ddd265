use nango_core::{TagMapper, Tags};

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag = "Plan")]
    plan: String,
    #[nango(tga)]
    seats: u32,
}

fn reads(tags: &Tags) {
    let user = tags.view::<User>();
    let _ = (user.id.parse(), user.plan.as_str(), user.seats.parse());
}

fn main() {}
