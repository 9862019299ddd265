//! What differs between the databases in a text of SQL.

/// A database's way to say things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "mysql")]
    MySql,
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "sqlite")]
    Sqlite,
}

impl Dialect {
    /// Turns a template into this database's SQL. The prefix has been checked.
    pub(crate) fn render(self, template: &str, prefix: &str) -> String {
        let tokens = self.tokens().iter().copied();
        let sql = tokens
            .chain([("{prefix}", prefix)])
            .fold(template.to_owned(), |sql, (token, text)| sql.replace(token, text));
        if self.numbers_parameters() { sql } else { positional(&sql) }
    }

    fn numbers_parameters(self) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
            #[cfg(feature = "sqlite")]
            Self::Sqlite => true,
        }
    }

    /// `{bytes}` is a text that compares and sorts by its bytes.
    fn tokens(self) -> &'static [(&'static str, &'static str)] {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => &[
                // Every collation of MySQL that has UTF-8 takes some two texts for one, if only with trailing spaces.
                // 255 characters of four bytes.
                ("{bytes}", "VARBINARY(1020)"),
                ("{integer}", "BIGINT"),
                ("{flag}", "BOOLEAN"),
                ("{text}", "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
                ("{table}", " ENGINE = InnoDB ROW_FORMAT = DYNAMIC"),
                ("{where live}", ""),
                ("{where pending}", ""),
                ("{or nothing}", ""),
                ("{is}", "<=>"),
                ("{now}", "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"),
            ],
            #[cfg(feature = "postgres")]
            Self::Postgres => &[
                ("{bytes}", "TEXT COLLATE \"C\""),
                ("{integer}", "BIGINT"),
                ("{flag}", "BOOLEAN"),
                ("{text}", "TEXT"),
                ("{table}", ""),
                ("{where live}", LIVE),
                ("{where pending}", PENDING),
                ("{or nothing}", OR_NOTHING),
                ("{is}", "IS NOT DISTINCT FROM"),
                ("{now}", "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"),
            ],
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &[
                ("{bytes}", "TEXT"),
                ("{integer}", "INTEGER"),
                ("{flag}", "INTEGER"),
                ("{text}", "TEXT"),
                ("{table}", " STRICT"),
                ("{where live}", LIVE),
                ("{where pending}", PENDING),
                ("{or nothing}", OR_NOTHING),
                ("{is}", "IS NOT DISTINCT FROM"),
                ("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
            ],
        }
    }
}

// Where an index can be of some rows only.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const LIVE: &str = "\n    WHERE removed = FALSE";
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const PENDING: &str = "\n    WHERE announced = FALSE OR look_again_at IS NOT NULL";

#[cfg(any(feature = "sqlite", feature = "postgres"))]
const OR_NOTHING: &str = " ON CONFLICT DO NOTHING";

/// `$1` and so on as `?`: every statement names its parameters in order, each once. The `$` of a JSON path stays.
fn positional(sql: &str) -> String {
    let mut parts = sql.split('$');
    let mut positional = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        positional.push(if rest.len() < part.len() { '?' } else { '$' });
        positional.push_str(rest);
    }
    positional
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_numbers() {
        assert_eq!(positional("a = $1 AND b = $10"), "a = ? AND b = ?");
        assert_eq!(positional("JSON($1, '$[0]')"), "JSON(?, '$[0]')");
        assert_eq!(positional("SELECT 1"), "SELECT 1");
    }
}
