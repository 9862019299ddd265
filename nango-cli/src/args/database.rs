//! The app's database.

#[derive(Debug, clap::Args)]
pub(crate) struct DatabaseArgs {
    /// URL of the app's database: sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME; for `events`
    /// also nats://HOST.
    // Parsed later: an error of clap would quote the URL, which may contain a password.
    #[arg(long = "database", value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) url: String,

    /// Prefix of the tables, and of the streams in NATS.
    #[arg(long, value_name = "PREFIX", default_value = "nango_")]
    pub(crate) table_prefix: String,
}
