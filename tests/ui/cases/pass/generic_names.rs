//! A struct with a name that others have, too, says its kind. Parts have no kind, and other names say enough.

use nango_core::{TagFields, TagMapper};

mod user {
    #[derive(nango_core::TagMapper)]
    #[nango(kind = "user")]
    pub(crate) struct Model(#[nango(id)] pub(crate) u64);
}

mod organization {
    #[derive(nango_core::TagMapper)]
    #[nango(kind = "model")]
    pub(crate) struct Model(#[nango(id = "organization_id")] pub(crate) u64);
}

#[derive(TagFields)]
struct Row {
    #[nango(tag)]
    plan: String,
}

#[derive(TagMapper)]
struct UserModel(#[nango(id)] u64);

#[derive(TagMapper)]
struct Account(#[nango(id)] u64);

fn main() {
    assert_eq!(user::Model(1).owner().kind(), "user");
    assert_eq!(organization::Model(1).owner().kind(), "model");
    assert_eq!(Row { plan: "pro".to_owned() }.plan, "pro");
    assert_eq!(<Row as TagFields>::TAGS, ["plan"]);
    assert_eq!((UserModel(1).owner().kind(), Account(1).owner().kind()), ("user_model", "account"));
}
