//! `nango-rs events`

mod change;
mod letter;
mod list;
mod lookup;
mod queue;
mod show;
mod status;
mod table;
mod text;

use std::process::ExitCode;

use nango_core::BoxError;

use crate::args::{EventsArgs, EventsCommand};

/// Opens the queue, and runs the command.
pub(crate) async fn run(args: EventsArgs, as_json: bool) -> Result<ExitCode, BoxError> {
    let (database, command) = args.into_parts().unwrap_or_else(|error| error.exit());
    let queue = queue::open(&database).await?;
    match command {
        EventsCommand::Drop(args) => change::run(&*queue, change::Change::Drop, args.letters, as_json).await,
        EventsCommand::List(args) => list::run(&*queue, args, as_json).await,
        EventsCommand::Replay(letters) => {
            change::run(&*queue, change::Change::Replay, letters, as_json).await
        }
        EventsCommand::Show(args) => show::run(&*queue, &args, as_json).await,
        EventsCommand::Status(args) => status::run(&*queue, &args, as_json).await,
    }
}
