//! Reader of provider templates in Nango's YAML format, such as `providers.yaml` of the
//! `@nangohq/providers` package. JSON is YAML, so JSON works as well.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::EmulatorError;

pub(super) fn read(path: &Path) -> Result<Map<String, Value>, EmulatorError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| EmulatorError::Io { path: path.into(), source })?;
    parse(&text).map_err(|reason| EmulatorError::Parse { path: path.into(), reason })
}

fn parse(text: &str) -> Result<Map<String, Value>, String> {
    let mut options = serde_saphyr::Options::default();
    // The parser's limits guard against untrusted files; Nango's own file exceeds them.
    options.budget = None;
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
