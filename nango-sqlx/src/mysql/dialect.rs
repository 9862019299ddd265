//! MySQL's words for the tokens of the templates.

use crate::shared::Dialect;

/// The width of `{bytes}`: 255 characters of four bytes.
pub(super) const MAX_BYTES: usize = 1020;

pub(super) const DIALECT: Dialect = Dialect {
    tokens: &[
        // A text that compares and sorts by its bytes: every collation of UTF-8 takes some
        // different texts for equal, if only those that differ in trailing spaces.
        ("{bytes}", "VARBINARY(1020)"),
        ("{integer}", "BIGINT"),
        ("{flag}", "BOOLEAN"),
        ("{text}", "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
        ("{table}", " ENGINE = InnoDB ROW_FORMAT = DYNAMIC"),
        ("{where live}", ""),
        ("{where pending}", ""),
        ("{or nothing}", ""),
        // Two ranges of the primary key. For the shorter `(integration, connection_id) > (?, ?)`
        // MySQL reads the whole table.
        ("{after cursor}", "(integration = $1 AND connection_id > $2) OR integration > $3"),
        ("{limit after cursor}", "$4"),
        ("{is}", "<=>"),
        ("{now}", "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"),
    ],
    numbers_parameters: false,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::assert_published(&DIALECT, "mysql");
}
