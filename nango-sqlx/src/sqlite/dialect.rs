//! SQLite's words for the tokens of the templates.

use crate::shared::{Dialect, LIVE, OR_NOTHING, PENDING};

pub(super) const DIALECT: Dialect = Dialect {
    tokens: &[
        // Texts compare and sort by their bytes by default.
        ("{bytes}", "TEXT"),
        ("{integer}", "INTEGER"),
        ("{flag}", "INTEGER"),
        ("{text}", "TEXT"),
        ("{table}", " STRICT"),
        ("{where live}", LIVE),
        ("{where pending}", PENDING),
        ("{or nothing}", OR_NOTHING),
        ("{after cursor}", "(integration, connection_id) > ($1, $2)"),
        ("{limit after cursor}", "$3"),
        ("{is}", "IS NOT DISTINCT FROM"),
        ("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
    ],
    numbers_parameters: true,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::assert_published(&DIALECT, "sqlite");
}
