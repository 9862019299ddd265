//! Lists the integrations of an environment, with their connections and what keeps each from
//! working.
//!
//! ```text
//! NANGO_HOST=http://localhost:3003 NANGO_SECRET_KEY=.. cargo run -p nango-client --example list_connections
//! ```

use std::env;
use std::error::Error;

use nango_client::{Client, Lookup, Refresh};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = env::var("NANGO_HOST").unwrap_or_else(|_| "https://api.nango.dev".to_owned());
    let client = Client::new(&host, env::var("NANGO_SECRET_KEY")?)?.background();

    for integration in client.integrations().await? {
        println!("{} ({})", integration.display_name, integration.id);
        let mut pages = client.connections().integration(&integration.id).pages();
        while let Some(page) = pages.next_page().await? {
            if !page.unreadable.is_empty() {
                println!("  {} connections that cannot be read", page.unreadable.len());
            }
            for connection in page {
                let user = connection.tags.get("end_user_id").unwrap_or("unknown user");
                let state = match client.look_up(&connection.key, Refresh::WhenDue).await? {
                    Lookup::Working(found) if found.errors.is_empty() => "works".to_owned(),
                    Lookup::Working(found) => {
                        let kinds: Vec<_> = found.errors.iter().map(|error| error.kind.as_str()).collect();
                        format!("works, with errors: {}", kinds.join(", "))
                    }
                    Lookup::Broken(_) => "needs a reconnect".to_owned(),
                    Lookup::Missing | Lookup::UnknownIntegration => "was deleted meanwhile".to_owned(),
                };
                println!("  {user}, since {}: {state}", connection.created_at);
            }
        }
    }
    Ok(())
}
