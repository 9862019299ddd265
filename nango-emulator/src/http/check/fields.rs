//! Objects, field by field.

use serde_json::{Map, Value};

use super::{text::Text, wrong_type};
use crate::http::envelope::Issue;

/// Zod's record. An object with a `constructor` of its own is no plain object to JavaScript, and so
/// none to zod.
pub(crate) fn record<'a>(value: Option<&'a Value>, path: &[&str]) -> Result<&'a Map<String, Value>, Issue> {
    match value {
        Some(Value::Object(map)) if !map.contains_key("constructor") => Ok(map),
        other => Err(wrong_type("record", other, path)),
    }
}

/// What zod sees of a record: `__proto__` is passed over.
pub(crate) fn entries(map: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    map.iter().filter(|(key, _)| *key != "__proto__")
}

/// Reads the fields of one strict object and collects every complaint.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: Vec<String>,
    known: Vec<&'static str>,
    pub(crate) issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    /// `Err` when the value is no object at all.
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

    /// The raw value of a field, which is known from now on.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.map.get(name)
    }

    /// The whole object, unchecked.
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

    /// One of a closed set. Zod says the same of a wrong value, a wrong type and no value at all.
    pub(crate) fn choice(&mut self, name: &'static str, options: &[&str]) -> Option<&'a str> {
        let found = self.take(name).and_then(Value::as_str).filter(|text| options.contains(text));
        if found.is_none() {
            self.push(Issue::one_of(options, &[name]));
        }
        found
    }

    /// [`Self::choice`] for a field that may be missing.
    pub(crate) fn optional_choice(&mut self, name: &'static str, options: &[&str]) -> Option<&'a str> {
        self.take(name)?;
        self.choice(name, options)
    }

    /// An object by name with values of one kind, see [`record`].
    pub(crate) fn record(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        let value = self.take(name)?;
        record(Some(value), &[name]).map_err(|issue| self.push(issue)).ok()
    }

    /// A record whose values are texts.
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

    /// An object with free content.
    pub(crate) fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            other => {
                self.push(wrong_type("object", Some(other), &[name]));
                None
            }
        }
    }

    /// Complains about every key that was never asked for.
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
