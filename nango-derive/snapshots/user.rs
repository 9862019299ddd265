#[derive(TagMapper)]
pub struct User {
    #[nango(id)]
    id: Uuid,
    #[nango(tag = "end_user_email")]
    email: String,
    #[nango(tag, scope)]
    organization_id: Option<u64>,
    #[nango(tag, with = "country")]
    country: Country,
    password_hash: String,
}
