//! The files of the app: its keys, and the permissions of all of them.

use std::path::Path;
use std::time::Duration;

use nango_emulator::{DEV_READ_KEY, DEV_SECRET_KEY, DEV_SESSIONS_KEY};
use nango_tests::{Browser, eventually, http, send};

use crate::attacks::running;
use crate::databases;
use crate::program::{free_port, login, start};

#[tokio::test]
async fn the_published_keys_do_not_open_the_embedded_nango() {
    let (home, _app, emulator) = running().await;
    let list = async |key: &str| {
        let url = format!("http://127.0.0.1:{emulator}/connections");
        send(http().get(url).bearer_auth(key)).await.unwrap().status
    };
    assert_eq!(list(DEV_SECRET_KEY).await, 401);
    let drawn = std::fs::read(home.folder().join("quickstart.db.emulator.keys.json")).unwrap();
    let drawn: serde_json::Value = serde_json::from_slice(&drawn).unwrap();
    assert_eq!(list(drawn["api_key"].as_str().unwrap()).await, 200);
    for key in [DEV_READ_KEY, DEV_SESSIONS_KEY] {
        let url = format!("http://127.0.0.1:{emulator}/connections");
        let page = http().get(url).bearer_auth(key).header("origin", "https://evil.example");
        assert_eq!(send(page).await.unwrap().status, 403);
    }
}

/// Connects an integration for a user of an app with an embedded Nango.
async fn connect(alice: &Browser, emulator: u16) {
    let token = alice.session_token("").await;
    let connect =
        format!("http://127.0.0.1:{emulator}/api-auth/api-key/openai?connect_session_token={token}");
    let request = http().post(connect).header("content-type", "application/json");
    assert_eq!(send(request.body(r#"{"apiKey":"sk-test"}"#)).await.unwrap().status, 200);
    let is_listed = async || !alice.connections("/nango").await.is_empty();
    eventually(Duration::from_secs(10), "a webhook", is_listed).await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_may_read_the_files_of_the_app() {
    let (home, app, emulator) = running().await;
    connect(&login(&app, "alice").await, emulator).await;
    let found = assert_private(home.folder());
    for file in [
        "quickstart.db",
        "quickstart.db-wal",
        "quickstart.db.key",
        "quickstart.db.sessions.json",
        "quickstart.db.emulator.json",
        "quickstart.db.emulator.keys.json",
    ] {
        assert!(found.iter().any(|name| name == file), "{file} in {found:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set, or the feature postgres is off")]
async fn the_files_of_a_server_database_are_in_a_folder_that_git_ignores() {
    let home = databases::postgres().await;
    let app = start(&home, free_port(), free_port(), &[]);
    let _ = login(&app, "alice").await;
    assert_eq!(assert_private(home.folder()), ["quickstart-data"]);
    let folder = home.folder().join("quickstart-data");
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
    assert!(assert_private(&folder).iter().any(|name| name.ends_with(".key")));
}

/// Asserts that no other user may use the files of a folder. Returns their names.
#[cfg(unix)]
fn assert_private(folder: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let entries = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
        name
    });
    entries.collect()
}
