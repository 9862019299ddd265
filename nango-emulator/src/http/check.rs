//! Validation with zod 4's issue codes and texts (observed on Nango 0.71.4).

use serde_json::{Map, Value};

use super::envelope::Issue;

/// What zod calls a value; `None` is `undefined`.
pub(crate) fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

pub(crate) fn wrong_type(expected: &str, value: Option<&Value>, path: &[&str]) -> Issue {
    let message = format!("Invalid input: expected {expected}, received {}", type_name(value));
    Issue::new("invalid_type", message, path)
}

/// Bounds count UTF-16 code units, as JavaScript's `length` does.
#[derive(Clone, Copy, Default)]
pub(crate) struct Text {
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
    pub(crate) email: bool,
    pub(crate) pattern: Option<Pattern>,
}

/// A character set that Nango writes as a regular expression.
#[derive(Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) source: &'static str,
    pub(crate) accepts: fn(char) -> bool,
}

/// Integration ids.
pub(crate) const INTEGRATION_ID: Text = Text {
    min: 0,
    max: Some(255),
    email: false,
    pattern: Some(Pattern {
        source: "/^[a-zA-Z0-9~:.@ _-]+$/",
        accepts: |c| c.is_ascii_alphanumeric() || "~:.@ _-".contains(c),
    }),
};

/// Connection ids.
pub(crate) const CONNECTION_ID: Text = Text {
    min: 0,
    max: Some(255),
    email: false,
    pattern: Some(Pattern {
        source: r#"/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/"#,
        accepts: |c| c.is_ascii_alphanumeric() || ",.;:=+~[]|@${}\"'\\/_ -".contains(c),
    }),
};

impl Text {
    pub(crate) const ANY: Self = Self { min: 0, max: None, email: false, pattern: None };

    pub(crate) const fn between(min: usize, max: usize) -> Self {
        Self { min, max: Some(max), ..Self::ANY }
    }

    /// All complaints about a string, in zod's order.
    pub(crate) fn check(self, text: &str, path: &[&str]) -> Vec<Issue> {
        let mut issues = Vec::new();
        let length = text.encode_utf16().count();
        if self.email && !is_email(text) {
            issues.push(Issue::new("invalid_format", "Invalid email address", path));
        }
        if let Some(pattern) = self.pattern
            && (text.is_empty() || !text.chars().all(pattern.accepts))
        {
            let message = format!("Invalid string: must match pattern {}", pattern.source);
            issues.push(Issue::new("invalid_format", message, path));
        }
        if length < self.min {
            let message = format!("Too small: expected string to have >={} characters", self.min);
            issues.push(Issue::new("too_small", message, path));
        }
        if let Some(max) = self.max.filter(|&max| length > max) {
            let message = format!("Too big: expected string to have <={max} characters");
            issues.push(Issue::new("too_big", message, path));
        }
        issues.into_iter().map(|issue| Issue { mild: true, ..issue }).collect()
    }
}

/// Close enough to zod's own e-mail pattern for what a test sends.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "_'+-.".contains(c));
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
    };
    let mut labels = domain.rsplit('.');
    let tld = labels.next().unwrap_or_default();
    local_ok
        && tld.len() >= 2
        && tld.chars().all(|c| c.is_ascii_alphabetic())
        && domain.contains('.')
        && labels.all(label)
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

    /// An object with free content.
    pub(crate) fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            other => {
                self.push(wrong_type("record", Some(other), &[name]));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_utf16() {
        let text = Text::between(1, 4);
        assert!(text.check("😀😀", &[]).is_empty());
        assert_eq!(text.check("😀😀a", &[])[0].code, "too_big");
        assert_eq!(text.check("", &[])[0].code, "too_small");
    }

    #[test]
    fn emails() {
        for good in ["a@b.co", "Foo@Example.COM", "first.last+x@sub.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "not-an-email", "a@b", "@b.co", "a b@c.de", ".a@b.co", "a@-b.co", "a@b.c1"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
