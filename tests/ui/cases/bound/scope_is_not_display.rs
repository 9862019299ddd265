use nango_core::TagMapper;

struct OrgId(u64);

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, scope)]
    organization_id: OrgId,
}

fn main() {}
