//! Parts that several entities share: the entity joins their keys, and sets and reads back their tags.

use std::sync::Arc;

use nango_core::{TagError, TagFields, TagMapper};

#[derive(TagFields)]
#[nango(rename_all = "kebab-case")]
struct Billing<'a> {
    #[nango(tag)]
    billing_plan: &'a str,
    #[nango(tag)]
    seats: Option<u32>,
    #[allow(dead_code)]
    card_number: &'a str,
}

#[derive(TagFields)]
struct Region(#[nango(tag = "region/continent")] String);

#[derive(TagFields)]
struct Place {
    #[nango(flatten)]
    region: Region,
    #[nango(tag)]
    city: String,
}

#[derive(TagMapper)]
struct Organization {
    #[nango(id = "organization_id")]
    id: u32,
}

#[derive(TagMapper)]
struct User<'a> {
    #[nango(flatten)]
    organization: &'a Organization,
    #[nango(id)]
    id: u64,
    #[nango(flatten)]
    billing: Billing<'a>,
    #[nango(tag)]
    role: String,
    #[nango(flatten)]
    place: Option<Arc<Place>>,
}

#[derive(TagMapper)]
struct Generic<B, const N: usize>(#[nango(id)] u64, #[nango(flatten)] B, #[nango(tag = "n")] String);

fn main() -> Result<(), TagError> {
    let organization = Organization { id: 3 };
    let billing = Billing { billing_plan: "pro", seats: None, card_number: "4242" };
    let mut user = User { organization: &organization, id: 7, billing, role: "admin".into(), place: None };
    assert_eq!(
        User::TAGS_OF_MAPPER,
        ["organization_id", "end_user_id", "billing-plan", "seats", "role", "region/continent", "city"]
    );
    let tags = user.to_tags()?;
    assert_eq!(
        tags.iter().collect::<Vec<_>>(),
        [("billing-plan", "pro"), ("end_user_id", "7"), ("organization_id", "3"), ("role", "admin")]
    );
    let place = Place { region: Region("europe".into()), city: "Bern".into() };
    user.place = Some(Arc::new(place));
    let tags = user.to_tags()?;
    let read = tags.view::<User>();
    assert_eq!(read.organization.id.parse()?, Some(3));
    assert_eq!(read.billing.billing_plan.parse()?, Some("pro".to_owned()));
    assert_eq!(read.billing.seats.parse()?, None);
    assert_eq!(read.place.region.region_continent.as_str(), Some("europe"));
    assert_eq!(read.place.city.key(), "city");

    let generic = Generic::<_, 1>(1, Region("asia".into()), "x".into());
    let tags = generic.to_tags()?;
    assert_eq!(<Generic<Region, 1> as TagFields>::TAGS, ["end_user_id", "region/continent", "n"]);
    assert_eq!(tags.view::<Generic<Region, 1>>().b.region_continent.as_str(), Some("asia"));
    Ok(())
}

/// Both traits have `TAGS`.
trait Both: TagMapper {
    const TAGS_OF_MAPPER: &'static [&'static str] = <Self as TagMapper>::TAGS;
}

impl Both for User<'_> {}
