//! The command line of `nango-rs events`.

use std::num::NonZeroUsize;

use clap::error::ErrorKind;

use super::database::DatabaseArgs;

/// Shows the app's queue of events, and replays or drops its dead letters. `status`, if no command is named.
///
/// A dead letter is an event that failed too often to be tried again. It stays in the queue until it is replayed, once
/// its fault is repaired, or dropped. The reasons are the words of the app's own errors, and may name what these name.
#[derive(Debug, clap::Args)]
pub(crate) struct EventsArgs {
    /// URL of the database that has the queue: sqlite://FILE or postgres://USER@HOST/NAME.
    // Global options cannot be required: whether it is there is checked below.
    #[arg(
        long = "database",
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    url: Option<String>,

    /// Prefix of the tables.
    #[arg(long, value_name = "PREFIX", default_value = "nango_", global = true)]
    table_prefix: String,

    #[command(flatten)]
    status: StatusArgs,

    #[command(subcommand)]
    command: Option<EventsCommand>,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum EventsCommand {
    Drop(DropArgs),
    List(ListArgs),
    /// Lets dead letters wait again, with neither failures nor deaths: the app's workers handle them anew.
    Replay(ChosenLetters),
    Show(ShowArgs),
    Status(StatusArgs),
}

/// Counts the events that wait, are claimed by a worker, and are dead letters, and lists the oldest of these.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// Ends with exit code 1 if there are dead letters, for monitoring.
    #[arg(long)]
    pub(crate) fail_if_dead: bool,
}

/// Lists dead letters, by their keys, which sort by the time of their deliveries. No connection id and no body.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Begins after this key.
    #[arg(long, value_name = "KEY")]
    pub(crate) after: Option<String>,

    /// The largest number of dead letters to list.
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) limit: NonZeroUsize,
}

/// Shows what is known of one dead letter.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Key of the dead letter.
    pub(crate) key: String,

    /// Prints the connection id and the body of the delivery, too. They are a customer's data: mind where the
    /// output goes.
    #[arg(long)]
    pub(crate) body: bool,
}

/// Erases dead letters for good. No worker has handled them, and Nango does not send them again.
#[derive(Debug, clap::Args)]
pub(crate) struct DropArgs {
    #[command(flatten)]
    pub(crate) letters: ChosenLetters,

    /// Confirms --all: what is erased cannot be brought back.
    #[arg(long, requires = "all", required_if_eq("all", "true"))]
    yes: bool,
}

/// The dead letters to change.
#[derive(Debug, clap::Args)]
pub(crate) struct ChosenLetters {
    /// Keys of dead letters, as `nango-rs events list` has them.
    #[arg(value_name = "KEY", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) keys: Vec<String>,

    /// All that are dead letters when the command begins.
    #[arg(long)]
    pub(crate) all: bool,
}

impl EventsArgs {
    /// Returns where the queue is, and what to do with it.
    pub(crate) fn into_parts(self) -> Result<(DatabaseArgs, EventsCommand), clap::Error> {
        let error = |kind, text: &str| Err(clap::Error::raw(kind, format!("{text}\n")));
        let Self { url, table_prefix, status, command } = self;
        let Some(url) = url else {
            let text = "the queue's database is not named; give its URL with --database or DATABASE_URL";
            return error(ErrorKind::MissingRequiredArgument, text);
        };
        let command = match command {
            None => EventsCommand::Status(status),
            Some(command) if !status.fail_if_dead => command,
            Some(_) => return error(ErrorKind::ArgumentConflict, "--fail-if-dead goes after `status`"),
        };
        Ok((DatabaseArgs { url, table_prefix }, command))
    }
}
