//! The library under another name.

mod facade {
    pub(crate) mod inner {
        pub(crate) use ::nango_core as renamed;
    }
}

mod here {
    #[derive(crate::facade::inner::renamed::TagMapper)]
    #[nango(crate = crate::facade::inner::renamed)]
    pub(crate) struct User {
        #[nango(id)]
        pub(crate) id: u64,
    }
}

#[derive(nango_core::TagMapper)]
#[nango(crate = ::nango_core)]
struct Team(#[nango(id)] u64);

fn main() {
    use nango_core::TagMapper as _;
    assert_eq!(here::User { id: 7 }.owner().kind(), "user");
    assert_eq!(Team(7).owner().kind(), "team");
}
