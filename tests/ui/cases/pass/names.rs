//! Lints about the names of an app's fields and types are the app's to allow, once.

#![deny(warnings)]
#![deny(clippy::all)]

use nango_core::{TagError, TagFields, TagMapper};

#[derive(TagFields)]
#[allow(non_snake_case)]
struct Part {
    #[nango(tag = "plan_name")]
    planName: &'static str,
}

#[derive(TagMapper)]
#[expect(non_snake_case)]
struct User {
    #[nango(id)]
    userId: u64,
    #[nango(flatten)]
    Part: Part,
}

#[allow(non_camel_case_types)]
#[derive(TagMapper)]
struct api_client(#[nango(id = "client_id")] u64);

#[allow(nonstandard_style)]
mod generated {
    #[derive(nango_core::TagMapper)]
    #[nango(kind = "tbl_accounts")]
    pub(crate) struct TBL_ACCOUNTS<const WIDTH_of: usize> {
        #[nango(id = "account_id")]
        pub(crate) ACCOUNT_ID: u64,
    }
}

fn main() -> Result<(), TagError> {
    let user = User { userId: 7, Part: Part { planName: "pro" } };
    let tags = user.to_tags()?;
    let read = tags.view::<User>();
    assert_eq!((read.userId.parse()?, read.Part.planName.as_str()), (Some(7), Some("pro")));
    assert_eq!(api_client(1).owner().kind(), "api_client");
    let account = generated::TBL_ACCOUNTS::<1> { ACCOUNT_ID: 3 };
    assert_eq!(account.to_tags()?.view::<generated::TBL_ACCOUNTS<1>>().ACCOUNT_ID.as_str(), Some("3"));
    Ok(())
}
