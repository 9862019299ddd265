//! An app to start from: its users log in, connect Slack through Nango, and get a mail when a connection has to
//! be renewed. README.md says what to change first.
//!
//! | Module | Contents |
//! |---|---|
//! | `product` | the app's name in Nango, and the integrations on offer |
//! | `run` | starts everything, and stops it in order |
//! | `app` | the routes, and the rules for all of them |
//! | `config` | the environment's variables |
//! | `nango` | the handle of Nango |
//! | `handler` | reactions to what Nango reports: mails, and runs of syncs |
//! | `mail` | mails over SMTP |
//! | `login`, `users`, `sessions` | who is logged in: forms, passwords, cookies |
//! | `pages`, `sync_runs` | pages, and the data of their scripts |
//! | `health` | `/healthz`, and the call of it for a container |
//! | `server` | the loop of the web server |
//! | `database` | the pool and the migrations |

mod app;
mod config;
mod database;
mod handler;
mod health;
mod login;
mod mail;
mod nango;
mod pages;
mod product;
mod run;
mod server;
mod sessions;
mod sync_runs;
mod users;

pub use config::Config;
pub use database::{migrate, open};
pub use health::call_health_endpoint;
pub use mail::Mailer;
pub use run::{Running, start};
pub use users::add_user;
