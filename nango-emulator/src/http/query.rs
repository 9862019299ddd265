//! Query strings in Express's dialect: `tags[a]=1`, `include=a&include=b`.

use serde_json::{Map, Value};

use crate::check::{Fields, Issue, wrong_type};

/// Parses a raw query string. Brackets may be percent-encoded. A repeated name becomes an array.
/// `a.b` is one name with a dot.
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

/// Splits `a[b][c]` into `a`, `b`, `c`. Any other form is one literal name.
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

/// Returns true for indices up to 20, which make a list.
fn is_index(text: &str) -> bool {
    text.parse::<u8>().is_ok_and(|index| index <= 20 && index.to_string() == text)
}

fn insert(map: &mut Map<String, Value>, path: &[&str], value: String) {
    match path {
        [] => {}
        [name, index] if is_index(index) && !matches!(map.get(*name), Some(Value::Object(_))) => {
            insert(map, &[name, ""], value);
        }
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

/// Takes zod's `stringbool`; false if absent.
pub(crate) fn boolean(fields: &mut Fields<'_>, name: &'static str) -> bool {
    const TRUE: [&str; 6] = ["true", "1", "yes", "on", "y", "enabled"];
    const FALSE: [&str; 6] = ["false", "0", "no", "off", "n", "disabled"];
    let Some(value) = fields.take(name) else { return false };
    let Value::String(text) = value else {
        fields.push(wrong_type("string", Some(value), &[name]));
        return false;
    };
    let text = text.to_lowercase();
    if !TRUE.contains(&text.as_str()) && !FALSE.contains(&text.as_str()) {
        fields.push(Issue::one_of(&[TRUE, FALSE].concat(), &[name]));
    }
    TRUE.contains(&text.as_str())
}

/// Takes a number, coerced as JavaScript's `Number` does.
pub(crate) fn number(
    fields: &mut Fields<'_>,
    name: &'static str,
    min: usize,
    max: Option<usize>,
) -> Option<usize> {
    let text = match fields.take(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => "NaN".to_owned(),
    };
    let number = if text.is_empty() { Some(0.0) } else { text.parse::<f64>().ok() };
    let Some(number) = number.filter(|number| number.is_finite()) else {
        let message = "Invalid input: expected number, received NaN";
        fields.push(Issue::new("invalid_type", message, &[name]));
        return None;
    };
    #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
    let (low, high) = (min as f64, max.map(|max| max as f64));
    if number < low {
        let message = format!("Too small: expected number to be >={min}");
        fields.push(Issue::new("too_small", message, &[name]));
    }
    if let (Some(high), Some(max)) = (high, max)
        && number > high
    {
        let message = format!("Too big: expected number to be <={max}");
        fields.push(Issue::new("too_big", message, &[name]));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Some(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn queries_parse_as_by_express() {
        let parsed = |raw| Value::Object(parse(raw));
        assert_eq!(parsed("tags[a]=1&tags%5Bb%5D=2"), json!({"tags": {"a": "1", "b": "2"}}));
        assert_eq!(parsed("tags[a][b]=c"), json!({"tags": {"a": {"b": "c"}}}));
        assert_eq!(parsed("tags.a=1"), json!({"tags.a": "1"}));
        assert_eq!(parsed("include=a&include=b"), json!({"include": ["a", "b"]}));
        assert_eq!(parsed("tags[0]=x&tags[1]=y"), json!({"tags": ["x", "y"]}));
        assert_eq!(parsed("tags[a]=x&tags[1]=y"), json!({"tags": {"a": "x", "1": "y"}}));
        assert_eq!(parsed("tags="), json!({"tags": ""}));
        assert_eq!(parsed("a[=1"), json!({"a[": "1"}));
    }
}
