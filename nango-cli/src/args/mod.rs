//! The command line.

mod database;
mod events;

use url::Url;

pub(crate) use database::DatabaseArgs;
pub(crate) use events::{ChosenLetters, EventsArgs, EventsCommand, ListArgs, ShowArgs, StatusArgs};

/// Checks the set-up of an app that uses Nango, reads its tables, and replays events that failed.
///
/// The app's environment variables count: NANGO_SECRET_KEY, NANGO_WEBHOOK_SIGNING_KEY, NANGO_HOST,
/// NANGO_PUBLIC_SERVER_URL and NANGO_HANDLE_KEY. No secret is printed, and no connection id without --show-ids, or
/// --body of an event.
///
/// Exit codes: 0 when all is well, 1 when something is not, 2 for a wrong command line.
#[derive(Debug, clap::Parser)]
#[command(name = "nango-rs", version)]
pub(crate) struct Args {
    /// Prints JSON, for scripts.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Connections(ConnectionsArgs),
    Doctor(DoctorArgs),
    Events(EventsArgs),
    Sweep(SweepArgs),
}

/// Checks whether the set-up works: Nango, the key, the integrations, the store, and with --app what
/// is reached from outside.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// URL of the app's mounted routes, such as `https://app.example.com/nango`. They are called as a
    /// browser and Nango would call them.
    #[arg(long, value_name = "URL")]
    pub(crate) app: Option<Url>,

    /// URL of the callback that providers redirect to, as Nango's Environment settings have it. Nango's API does
    /// not name it. Without it, `oauth-callback` below --app is taken.
    #[arg(long, value_name = "URL", requires = "app")]
    pub(crate) callback: Option<Url>,

    /// Ids of the integrations that the app allows, separated by commas.
    #[arg(long, value_name = "IDS", value_delimiter = ',', env = "NANGO_INTEGRATIONS")]
    pub(crate) integrations: Vec<String>,

    #[command(flatten)]
    pub(crate) database: OptionalDatabase,

    #[command(flatten)]
    pub(crate) owners: Owners,
}

/// Lists the connections in the app's tables.
#[derive(Debug, clap::Args)]
pub(crate) struct ConnectionsArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    /// Prints the id of each connection and of its owner, too.
    #[arg(long)]
    pub(crate) show_ids: bool,
}

/// Compares Nango's connections with the app's tables.
#[derive(Debug, clap::Args)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    #[command(flatten)]
    pub(crate) owners: Owners,

    /// Only reports the differences. Required: the app itself writes, with its own types.
    #[arg(long, required = true)]
    pub(crate) dry_run: bool,

    /// Prints the ids of examples, too.
    #[arg(long)]
    pub(crate) show_ids: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OptionalDatabase {
    /// URL of the app's database: sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME.
    #[arg(long = "database", value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) url: Option<String>,

    /// Prefix of the tables.
    #[arg(long, value_name = "PREFIX", default_value = "nango_")]
    pub(crate) table_prefix: String,
}

/// The owners that the app knows.
#[derive(Debug, clap::Args)]
pub(crate) struct Owners {
    /// Name of the app, as in `.app("..")`.
    #[arg(long, value_name = "NAME")]
    pub(crate) app_name: Option<String>,

    /// A kind of owner: its name, its identity tag, and the other tags that matter, as in
    /// user=end_user_id+organization_id. The more specific kind goes first; may be repeated.
    #[arg(
        long = "kind",
        value_name = "KIND=TAG[+TAG..]",
        default_values_t = ["user=end_user_id+organization_id".to_owned(), "organization=organization_id".to_owned()]
    )]
    pub(crate) kinds: Vec<String>,
}
