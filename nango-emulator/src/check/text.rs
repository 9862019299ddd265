//! Rules for strings.

use super::issue::Issue;

/// Length bounds and character set of a string. Lengths count UTF-16 code units, as JavaScript
/// does.
#[derive(Clone, Copy, Default)]
pub(crate) struct Text {
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
    pub(crate) email: bool,
    pub(crate) pattern: Option<Pattern>,
}

/// Form that Nango's source expresses as a regular expression.
#[derive(Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) source: &'static str,
    pub(crate) accepts: fn(&str) -> bool,
}

/// Rule for integration ids.
pub(crate) const INTEGRATION_ID: Text = Text {
    min: 0,
    max: Some(255),
    email: false,
    pattern: Some(Pattern {
        source: "/^[a-zA-Z0-9~:.@ _-]+$/",
        accepts: |text| all(text, |c| c.is_ascii_alphanumeric() || "~:.@ _-".contains(c)),
    }),
};

/// Rule for connection ids.
pub(crate) const CONNECTION_ID: Text = Text {
    min: 0,
    max: Some(255),
    email: false,
    pattern: Some(Pattern {
        source: r#"/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/"#,
        accepts: |text| all(text, |c| c.is_ascii_alphanumeric() || ",.;:=+~[]|@${}\"'\\/_ -".contains(c)),
    }),
};

/// Rule for the names of providers, syncs, actions and variants.
pub(crate) const NAME: Text = Text {
    min: 0,
    max: Some(255),
    email: false,
    pattern: Some(Pattern { source: "/^[a-zA-Z0-9_-]+$/", accepts: |text| all(text, is_of_name) }),
};

/// Rule for the names of models, which are types of TypeScript.
pub(crate) const MODEL: Text = Text {
    min: 0,
    max: Some(255),
    email: false,
    pattern: Some(Pattern {
        source: "/^[A-Z][a-zA-Z0-9_-]+$/",
        accepts: |text| {
            let rest = text.strip_prefix(|c: char| c.is_ascii_uppercase());
            rest.is_some_and(|rest| all(rest, is_of_name))
        },
    }),
};

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// Returns true for a text that is not empty and has accepted characters only.
fn all(text: &str, accepts: fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(accepts)
}

/// Returns true for what zod accepts as a UUID: any version of RFC 9562, with hyphens.
pub(crate) fn is_uuid(text: &str) -> bool {
    let of_rfc = |uuid: uuid::Uuid| {
        uuid.is_nil()
            || uuid.is_max()
            || uuid.get_variant() == uuid::Variant::RFC4122 && (1..=8).contains(&uuid.get_version_num())
    };
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok_and(of_rfc)
}

impl Text {
    pub(crate) const ANY: Self = Self { min: 0, max: None, email: false, pattern: None };

    pub(crate) const fn between(min: usize, max: usize) -> Self {
        Self { min, max: Some(max), ..Self::ANY }
    }

    /// Returns all issues of a string in zod's order.
    pub(crate) fn check(self, text: &str, path: &[&str]) -> Vec<Issue> {
        let mut issues = Vec::new();
        let length = text.encode_utf16().count();
        if self.email && !is_email(text) {
            issues.push(Issue::new("invalid_format", "Invalid email address", path));
        }
        if let Some(pattern) = self.pattern
            && !(pattern.accepts)(text)
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
        issues.into_iter().map(|issue| Issue { continues: true, ..issue }).collect()
    }
}

/// Returns true for what zod accepts as an e-mail address.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.starts_with('.')
        && local.ends_with(|c: char| c.is_ascii_alphanumeric() || "_+-".contains(c))
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
    fn emails_are_validated_as_by_zod() {
        for good in ["a@b.co", "Foo@Example.COM", "first.last+x@sub.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "not-an-email", "a@b", "@b.co", "a b@c.de", ".a@b.co", "a@-b.co", "a@b.c1", "o'@b.co"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
