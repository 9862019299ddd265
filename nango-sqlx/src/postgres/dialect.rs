//! PostgreSQL's words for the tokens of the templates.

use crate::shared::{Dialect, LIVE, OR_NOTHING, PENDING};

pub(super) const DIALECT: Dialect = Dialect {
    tokens: &[
        // A text that compares and sorts by its bytes.
        ("{bytes}", "TEXT COLLATE \"C\""),
        ("{integer}", "BIGINT"),
        ("{flag}", "BOOLEAN"),
        ("{text}", "TEXT"),
        ("{table}", ""),
        ("{where live}", LIVE),
        ("{where pending}", PENDING),
        ("{or nothing}", OR_NOTHING),
        ("{after cursor}", "(integration, connection_id) > ($1, $2)"),
        ("{limit after cursor}", "$3"),
        ("{is}", "IS NOT DISTINCT FROM"),
        ("{now}", "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"),
    ],
    numbers_parameters: true,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::assert_published(&DIALECT, "postgres");
}
