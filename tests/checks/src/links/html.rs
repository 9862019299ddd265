//! Links and ids of a built page.

/// Returns the values of an attribute, as the generator of the pages writes it: in double quotes.
pub(super) fn values<'a>(page: &'a str, attribute: &str) -> impl Iterator<Item = String> + use<'a> {
    let start = format!(" {attribute}=\"");
    let parts: Vec<&str> = page.split(start.as_str()).skip(1).collect();
    parts.into_iter().filter_map(|part| part.split('"').next()).map(|value| value.replace("&amp;", "&"))
}

/// Returns the targets of a page.
pub(super) fn targets(page: &str) -> Vec<String> {
    values(page, "href").chain(values(page, "src")).collect()
}
