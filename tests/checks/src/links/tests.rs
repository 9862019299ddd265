use super::{html, markdown};

#[test]
fn links_of_a_page() {
    let page =
        r##"<a class="x" href="a.html#b">b</a> <img src="c.png"> <h2 id="d">d</h2> <a data-href="e">"##;
    assert_eq!(html::targets(page), ["a.html#b", "c.png"]);
    assert_eq!(html::values(page, "id").collect::<Vec<_>>(), ["d"]);
}

#[test]
fn links_of_a_text() {
    let text = "See [`code`](a.md) and `[not](this)`.\n```text\n[nor](this)\n```\n[b](#a-b)";
    let expected = [(1, "a.md".to_owned()), (5, "#a-b".to_owned())];
    assert_eq!(markdown::targets(text), expected);
    assert_eq!(markdown::anchors("# A, b!\n## `C` D"), ["a-b", "c-d"]);
}
