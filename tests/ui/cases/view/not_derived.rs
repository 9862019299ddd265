use nango_core::Tags;

struct User;

fn plan(tags: &Tags) {
    tags.view::<User>();
}

fn main() {}
