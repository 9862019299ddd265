#[derive(TagMapper)]
struct User {
    #[nango(idd)]
    id: Uuid,
    #[nango(tag = "Plan")]
    plan: Plan,
}
