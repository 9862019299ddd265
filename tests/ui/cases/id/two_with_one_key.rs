use nango_core::TagMapper;

#[derive(TagMapper)]
struct Member {
    #[nango(id = "member_id")]
    user: u64,
    #[nango(id = "member_id")]
    organization: u64,
}

fn main() {}
