//! Query strings the way Express reads them: `tags[a]=1`, `include=a&include=b`.

use serde_json::{Map, Value};

/// Parses a raw query string. Brackets may be percent-encoded; a repeated name becomes an array;
/// `a.b` stays a name with a dot.
pub(crate) fn parse(raw: &str) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        if name.is_empty() {
            continue;
        }
        insert(&mut map, &segments(&name), value.into_owned());
    }
    map
}

/// `a[b][c]` into `a`, `b`, `c`; anything that is not of that form is one literal name.
fn segments(name: &str) -> Vec<&str> {
    let Some(open) = name.find('[').filter(|&at| at > 0) else { return vec![name] };
    let mut parts = vec![&name[..open]];
    let mut rest = &name[open..];
    while let Some(inner) = rest.strip_prefix('[') {
        let Some(close) = inner.find(']') else { return vec![name] };
        parts.push(&inner[..close]);
        rest = &inner[close + 1..];
    }
    if rest.is_empty() { parts } else { vec![name] }
}

fn insert(map: &mut Map<String, Value>, path: &[&str], value: String) {
    match path {
        [] => {}
        [name] | [name, ""] => {
            let as_list = path.len() == 2;
            match map.get_mut(*name) {
                Some(Value::Array(items)) => items.push(value.into()),
                Some(old @ Value::String(_)) => *old = Value::Array(vec![old.take(), value.into()]),
                Some(_) => {}
                None if as_list => {
                    map.insert((*name).to_owned(), Value::Array(vec![value.into()]));
                }
                None => {
                    map.insert((*name).to_owned(), value.into());
                }
            }
        }
        [name, rest @ ..] => {
            let inner = map.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn express_shapes() {
        let parsed = |raw| Value::Object(parse(raw));
        assert_eq!(parsed("tags[a]=1&tags%5Bb%5D=2"), json!({"tags": {"a": "1", "b": "2"}}));
        assert_eq!(parsed("tags[a][b]=c"), json!({"tags": {"a": {"b": "c"}}}));
        assert_eq!(parsed("tags.a=1"), json!({"tags.a": "1"}));
        assert_eq!(parsed("include=a&include=b"), json!({"include": ["a", "b"]}));
        assert_eq!(parsed("tags="), json!({"tags": ""}));
        assert_eq!(parsed("a[=1"), json!({"a[": "1"}));
    }
}
