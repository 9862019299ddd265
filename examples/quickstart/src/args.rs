//! The command line.

use std::net::SocketAddr;

use url::Url;

/// A small SaaS whose users connect their accounts through Nango.
///
/// If NANGO_SECRET_KEY is set, the app uses the Nango at NANGO_HOST, and verifies webhooks with
/// NANGO_WEBHOOK_SIGNING_KEY. Otherwise it starts an emulator of Nango.
#[derive(clap::Parser)]
#[command(version)]
pub struct Args {
    /// Address that the app listens on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// Name under which browsers reach the app, besides localhost and IP addresses; may be repeated.
    #[arg(long = "allow-host", value_name = "NAME")]
    pub allow_hosts: Vec<String>,

    /// Database for connections: sqlite://FILE, postgres://USER@HOST/NAME or
    /// mysql://USER@HOST/NAME.
    ///
    /// The file of SQLite is created if it is missing; on a server the database has to exist. The
    /// app creates its tables. The keys, the sessions and the state of the emulator are files that
    /// only you may read: FILE.key, FILE.sessions.json and so on beside SQLite's, and the same in
    /// the folder quickstart-data for a server's database. PostgreSQL and MySQL need a build with
    /// the feature of that name.
    // Parsed later: an error of clap would quote the URL, which may contain a password.
    #[arg(long, value_name = "URL", default_value = "sqlite://quickstart.db")]
    pub database: String,

    /// Queue of events, which keeps them until they are handled: sqlite://FILE, postgres://USER@HOST/NAME
    /// or nats://HOST. PostgreSQL and NATS need a build with the feature of that name.
    ///
    /// Default: a table in the database. With MySQL it is a file of SQLite, quickstart-data/NAME.events.db,
    /// which only processes on one machine can share.
    // Parsed later, as above.
    #[arg(long, value_name = "URL")]
    pub queue: Option<String>,

    /// Does not handle events: they wait in the queue for a process with --worker-only.
    #[arg(long, conflicts_with = "worker_only")]
    pub no_worker: bool,

    /// Handles the events of processes with the same database and queue, and listens nowhere.
    ///
    /// Several may run, on several machines where the database and the queue are on servers.
    #[arg(long)]
    pub worker_only: bool,

    /// Address that the emulator listens on, if the app starts it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3003")]
    pub emulator: SocketAddr,

    /// Ids of the integrations on offer, separated by commas. Default: all that Nango lists.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub integrations: Vec<String>,

    /// Seconds between two sweeps, which find changes that no webhook has reported.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub sweep_every: u64,

    /// Checks the set-up, prints the findings, and exits: with an error if something does not work.
    #[arg(long)]
    pub check: bool,

    /// URL of Nango for browsers, if it is not NANGO_HOST: that of a container, for example.
    #[arg(long, value_name = "URL", env = "NANGO_PUBLIC_SERVER_URL")]
    pub public_host: Option<String>,

    /// URL of Nango's Connect UI, such as http://localhost:3009 for a self-hosted Nango.
    ///
    /// Default: that of Nango Cloud, or /connect/ on a Nango of this machine, where the emulator has it.
    /// Where it does not start in a frame of the page, the page offers it in a window.
    #[arg(long, value_name = "URL", env = "NANGO_CONNECT_URL")]
    pub connect_url: Option<Url>,

    /// URL of the app's OAuth callback, where the environment in Nango has one.
    ///
    /// The app guards it: a provider's code is passed on only for a browser that began to connect here.
    /// So it has to be on the host under which browsers reach the app. With the emulator the default is
    /// the app's own; with another Nango there is none.
    #[arg(long, value_name = "URL")]
    pub callback_url: Option<Url>,

    /// Does not guard the callback: one can be made to connect an account to another person's.
    ///
    /// For the test that shows what the guard is for.
    #[arg(long)]
    pub unguarded_callback: bool,

    /// URL of Nango's frontend SDK. If the page cannot load it, the Connect UI opens in a window.
    #[arg(
        long,
        value_name = "URL",
        env = "NANGO_SDK_URL",
        default_value = "https://cdn.jsdelivr.net/npm/@nangohq/frontend@0.71.10/dist/index.js"
    )]
    pub sdk_url: Url,
}
