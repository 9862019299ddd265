use nango_core::{TagError, TagFields, TagMapper, Tags};

struct Region;

impl TagFields for Region {
    const TAGS: &'static [&'static str] = &["Region"];
    type View<'a> = &'a Tags;

    fn put_tags(&self, tags: &mut Tags) -> Result<(), TagError> {
        tags.insert("Region", "eu")
    }

    fn view(tags: &Tags) -> Self::View<'_> {
        tags
    }
}

#[derive(TagFields)]
struct Place {
    #[nango(flatten)]
    region: Region,
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: u64,
    #[nango(flatten)]
    place: Place,
}

fn main() {}
