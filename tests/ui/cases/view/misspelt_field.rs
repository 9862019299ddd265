use nango_core::{TagMapper, Tags};

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    plan: String,
    password_hash: String,
}

fn plan(tags: &Tags) {
    let _ = tags.view::<User>().plann;
    let _ = tags.view::<User>().password_hash;
}

fn main() {}
