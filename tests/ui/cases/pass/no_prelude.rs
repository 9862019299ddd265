//! A scope without the prelude, in which its names mean something else.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

struct String;
struct Result;
struct Vec;
struct Some;
struct None;
struct Ok;
struct Err;
struct Tags;
struct TagError;
struct Owner;
struct OwnerId;
struct TagValue;
struct str;
struct u8;
trait ToString {}
trait Display {}
trait FromStr {}
trait Iterator {}
mod std {}
mod core {}
mod alloc {}
mod nango_core {}

#[derive(::nango_core::TagMapper)]
struct User<'a, T> {
    #[nango(id)]
    id: u64,
    #[nango(tag, scope)]
    organization_id: ::std::option::Option<u32>,
    #[nango(tag)]
    plan: &'a ::std::primitive::str,
    #[nango(tag)]
    value: T,
}

type Option = ();

fn main() {
    use ::nango_core::TagMapper as _;
    let user = User {
        id: 7,
        organization_id: ::std::option::Option::None,
        plan: "pro",
        value: 1,
    };
    let tags = ::std::result::Result::unwrap(user.to_tags());
    ::std::assert_eq!(tags.len(), 3);
    ::std::assert_eq!(user.owner().id(), "7");
}
