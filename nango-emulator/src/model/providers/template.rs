//! Placeholders `${…}` in provider templates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::provider::Provider;

/// Values of placeholders: credentials by their own names, parameters as `connectionConfig.name`.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) config: &'a Map<String, Value>,
    pub(crate) credentials: &'a Map<String, Value>,
}

/// Placeholder without a value.
#[derive(Debug, PartialEq)]
pub(crate) struct Missing(pub(crate) String);

/// Replaces every `${…}`, innermost first. `${base64(…)}` encodes; `a || b` takes the first that
/// has a value.
pub(crate) fn fill(template: &str, values: Values<'_>) -> Result<String, Missing> {
    // Some templates offer an alternative: `https://${a}/x || https://b.example.com`.
    match second_way(template) {
        Some((first, other)) => fill_one(first, values).or_else(|_| fill(other, values)),
        None => fill_one(template, values),
    }
}

/// Splits at the first `||` outside of braces.
fn second_way(template: &str) -> Option<(&str, &str)> {
    const OR: &str = " || ";
    let outside = |text: &str| text.matches('{').count() == text.matches('}').count();
    let ways = template.match_indices(OR).map(|(at, _)| (&template[..at], &template[at + OR.len()..]));
    ways.into_iter().find(|(first, _)| outside(first))
}

fn fill_one(template: &str, values: Values<'_>) -> Result<String, Missing> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = closing(inner) else {
            out.push_str(&rest[start..]);
            return Ok(out);
        };
        out.push_str(&expression(&inner[..end], values)?);
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Returns the position of the brace that closes `${`, given the text after it.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn expression(text: &str, values: Values<'_>) -> Result<String, Missing> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("base64(").and_then(|rest| rest.strip_suffix(')')) {
        return Ok(STANDARD.encode(fill(inner, values)?));
    }
    let found = text.split("||").find_map(|name| lookup(name.trim(), values));
    found.ok_or_else(|| Missing(text.to_owned()))
}

fn lookup(name: &str, values: Values<'_>) -> Option<String> {
    let (map, path) = match name.strip_prefix("connectionConfig.") {
        Some(path) => (values.config, path),
        None => (values.credentials, name.strip_prefix("credentials.").unwrap_or(name)),
    };
    // Some templates write `accessToken` for the stored `access_token`.
    let path = if path == "accessToken" { "access_token" } else { path };
    match map.get(path).or_else(|| dotted(map, path))? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Returns what a connection's config keeps of a token response.
pub(crate) fn token_metadata(provider: &Provider, response: &Map<String, Value>) -> Map<String, Value> {
    let found = |name: String| {
        let value = response.get(&name).or_else(|| dotted(response, &name))?.clone();
        Some((name, value))
    };
    provider.names("token_response_metadata").into_iter().filter_map(found).collect()
}

/// Looks up a dotted path, such as `team.id`, in nested objects.
pub(crate) fn dotted<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.')?;
    rest.split('.').try_fold(map.get(first)?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_are_filled() {
        let config = json!({"subdomain": "acme"}).as_object().cloned().unwrap();
        let credentials = json!({"username": "u", "password": "p"}).as_object().cloned().unwrap();
        let values = Values { config: &config, credentials: &credentials };
        assert_eq!(fill("Basic ${base64(${username}:${password})}", values), Ok("Basic dTpw".into()));
        assert_eq!(fill("https://${connectionConfig.subdomain}.x", values).unwrap(), "https://acme.x");
        assert_eq!(fill("${connectionConfig.a || connectionConfig.subdomain}", values).unwrap(), "acme");
        for (template, filled) in [
            ("https://${connectionConfig.none}/x || https://b.example.com/x", "https://b.example.com/x"),
            ("https://${connectionConfig.subdomain}/x || https://b.example.com", "https://acme/x"),
            ("${connectionConfig.none} || https://${connectionConfig.subdomain}", "https://acme"),
            ("${connectionConfig.a || connectionConfig.subdomain}/x || b", "acme/x"),
        ] {
            assert_eq!(fill(template, values).unwrap(), filled, "{template}");
        }
        assert_eq!(fill("${apiKey}", values), Err(Missing("apiKey".into())));
    }
}
