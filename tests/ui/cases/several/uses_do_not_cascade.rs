use nango_core::TagMapper;

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag = "Plan")]
    plan: String,
}

fn registered<E: TagMapper>() -> &'static str {
    E::KIND
}

fn uses(user: &User) -> Option<u64> {
    registered::<User>();
    let tags = user.to_tags().ok()?;
    let id: u64 = User::id_from_tags(&tags).ok()??;
    user.owner().id_as::<User>().filter(|other| *other == id)
}

fn main() {
    let user = User { id: 7, plan: String::new() };
    uses(&user);
}
