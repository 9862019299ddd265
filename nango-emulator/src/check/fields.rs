//! Reading JSON objects field by field.

use serde_json::{Map, Value};

use super::issue::{Issue, wrong_type};
use super::text::Text;

/// Returns the object of a zod record. To JavaScript, and so to zod, an object with a `constructor`
/// key of its own is not a plain object.
pub(crate) fn record<'a>(value: Option<&'a Value>, path: &[&str]) -> Result<&'a Map<String, Value>, Issue> {
    match value {
        Some(Value::Object(map)) if !map.contains_key("constructor") => Ok(map),
        other => Err(wrong_type("record", other, path)),
    }
}

/// Returns the entries that zod validates: it skips `__proto__`.
pub(crate) fn entries(map: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    map.iter().filter(|(key, _)| *key != "__proto__")
}

/// Reader of one strict object that collects every issue.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: Vec<String>,
    known: Vec<&'static str>,
    pub(crate) issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    /// Creates a reader. Fails if the value is not an object.
    pub(crate) fn of(value: Option<&'a Value>, path: &[&str]) -> Result<Self, Issue> {
        match value {
            Some(Value::Object(map)) => Ok(Self::new(map, path)),
            other => Err(wrong_type("object", other, path)),
        }
    }

    pub(crate) fn new(map: &'a Map<String, Value>, path: &[&str]) -> Self {
        let path = path.iter().map(|&part| part.to_owned()).collect();
        Self { map, path, known: Vec::new(), issues: Vec::new() }
    }

    /// Returns the raw value of a field and marks the field as known.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.map.get(name)
    }

    /// Reads a nested object with `read` and adds its issues to these.
    pub(crate) fn nested<T>(
        &mut self,
        value: Option<&'a Value>,
        path: &[&str],
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let mut inner = Self::of(value, path).map_err(|issue| self.push(issue)).ok()?;
        let result = read(&mut inner);
        self.issues.append(&mut inner.issues);
        Some(result)
    }

    /// Returns the whole object without checks.
    pub(crate) fn all(&self) -> &'a Map<String, Value> {
        self.map
    }

    pub(crate) fn push(&mut self, issue: Issue) {
        self.issues.push(issue.at(&self.path));
    }

    pub(crate) fn extend(&mut self, issues: Vec<Issue>) {
        for issue in issues {
            self.push(issue);
        }
    }

    pub(crate) fn required(&mut self, name: &'static str, text: Text) -> Option<&'a str> {
        let value = self.take(name);
        self.text(name, value, text)
    }

    pub(crate) fn optional(&mut self, name: &'static str, text: Text) -> Option<&'a str> {
        let value = self.take(name)?;
        self.text(name, Some(value), text)
    }

    fn text(&mut self, name: &str, value: Option<&'a Value>, text: Text) -> Option<&'a str> {
        let Some(Value::String(found)) = value else {
            self.push(wrong_type("string", value, &[name]));
            return None;
        };
        self.extend(text.check(found, &[name]));
        Some(found)
    }

    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(*value),
            other => {
                self.push(wrong_type("boolean", Some(other), &[name]));
                None
            }
        }
    }

    /// Takes one of a closed set of strings. Zod reports a wrong value, a wrong type and a missing
    /// value alike.
    pub(crate) fn choice(&mut self, name: &'static str, options: &[&str]) -> Option<&'a str> {
        let found = self.take(name).and_then(Value::as_str).filter(|text| options.contains(text));
        if found.is_none() {
            self.push(Issue::one_of(options, &[name]));
        }
        found
    }

    /// Takes one of a closed set of strings, or nothing.
    pub(crate) fn optional_choice(&mut self, name: &'static str, options: &[&str]) -> Option<&'a str> {
        self.take(name)?;
        self.choice(name, options)
    }

    /// Takes a [`record`].
    pub(crate) fn record(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        let value = self.take(name)?;
        record(Some(value), &[name]).map_err(|issue| self.push(issue)).ok()
    }

    /// Takes a record of strings.
    pub(crate) fn texts(&mut self, name: &'static str, rule: Text) -> Option<&'a Map<String, Value>> {
        let map = self.record(name)?;
        for (key, value) in entries(map) {
            match value {
                Value::String(text) => self.extend(rule.check(text, &[name, key])),
                other => self.push(wrong_type("string", Some(other), &[name, key])),
            }
        }
        Some(map)
    }

    /// Takes an object of any content.
    pub(crate) fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            other => {
                self.push(wrong_type("object", Some(other), &[name]));
                None
            }
        }
    }

    /// Reports every key that is not known.
    pub(crate) fn strict(&mut self) {
        let unknown: Vec<_> = self.map.keys().filter(|key| !self.known.contains(&key.as_str())).collect();
        if unknown.is_empty() {
            return;
        }
        let names: Vec<_> = unknown.iter().map(|name| format!("\"{name}\"")).collect();
        let plural = if names.len() > 1 { "s" } else { "" };
        let message = format!("Unrecognized key{plural}: {}", names.join(", "));
        self.push(Issue::new("unrecognized_keys", message, &[]));
    }
}
