//! Reader of provider templates, in JSON or in Nango's YAML format, such as `providers.yaml` of the
//! `@nangohq/providers` package.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::EmulatorError;

pub(super) fn read(path: &Path) -> Result<Map<String, Value>, EmulatorError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| EmulatorError::Io { path: path.into(), source })?;
    parse(&text).map_err(|reason| EmulatorError::Parse { path: path.into(), reason })
}

/// JSON is YAML, too.
#[cfg(feature = "yaml")]
fn parse(text: &str) -> Result<Map<String, Value>, String> {
    let mut options = serde_saphyr::Options::default();
    // The parser's limits guard against untrusted files; Nango's own file exceeds them.
    options.budget = None;
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

#[cfg(not(feature = "yaml"))]
fn parse(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("{error}; YAML needs the feature `yaml` of nango-emulator"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_parses() {
        let map = parse(r#"{"acme": {"display_name": "Acme", "auth_mode": "API_KEY"}}"#).unwrap();
        assert_eq!(map["acme"]["display_name"], "Acme");
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn yaml_of_nango_parses() {
        let text = "acme:\n    display_name: Acme\n    auth_mode: API_KEY\n    proxy:\n        \
                    base_url: https://${connectionConfig.domain}\n        headers:\n            \
                    authorization: Bearer ${apiKey}\nacme-eu:\n    display_name: 'Acme (EU)'\n    \
                    alias: acme\n    disable_pkce: true\n";
        let map = parse(text).unwrap();
        assert_eq!(map["acme"]["proxy"]["base_url"], "https://${connectionConfig.domain}");
        assert_eq!(map["acme-eu"]["disable_pkce"], true);
        assert_eq!(map.keys().collect::<Vec<_>>(), ["acme", "acme-eu"]);
    }
}
