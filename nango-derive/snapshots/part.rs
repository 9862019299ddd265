#[derive(TagFields)]
struct Place<'a>(
    #[nango(tag = "city")] &'a str,
    #[nango(flatten)] Region<'a>,
    #[nango(tag = "zip-code")] String,
);
