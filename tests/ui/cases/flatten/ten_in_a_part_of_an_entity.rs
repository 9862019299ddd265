use nango_core::{TagFields, TagMapper};

#[derive(TagFields)]
struct Nine {
    #[nango(tag)]
    t1: u8,
    #[nango(tag)]
    t2: u8,
    #[nango(tag)]
    t3: u8,
    #[nango(tag)]
    t4: u8,
    #[nango(tag)]
    t5: u8,
    #[nango(tag)]
    t6: u8,
    #[nango(tag)]
    t7: u8,
    #[nango(tag)]
    t8: u8,
    #[nango(tag)]
    t9: u8,
}

#[derive(TagFields)]
struct Ten {
    #[nango(flatten)]
    nine: Nine,
    #[nango(tag)]
    t10: u8,
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(flatten)]
    ten: Ten,
}

fn main() {}
