use nango_core::TagMapper;

mod country {
    pub(crate) fn to_tag(code: &[u8; 2]) -> [u8; 2] {
        *code
    }
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag, with = "country")]
    country: [u8; 2],
}

fn main() {}
