//! The command line of nango-client's example `records`.

#[expect(dead_code, reason = "a part of a program")]
#[path = "../../../../nango-client/examples/records.rs"]
mod records;

use nango_client::Client;
use serde_json::{Value, json};

use crate::bench::{Bench, CALM, RESET};

#[tokio::test]
async fn the_command_line_prints_connections_and_records() {
    let bench = Bench::start().await;
    let client = Client::new(bench.emulator.local_url(), bench.emulator.secret_key()).unwrap();
    let run = async |arguments: &[&str]| {
        let mut out = Vec::new();
        let outcome = records::run(&client, arguments, &mut out).await;
        outcome.map(|()| String::from_utf8(out).unwrap()).map_err(|error| error.to_string())
    };
    let lines =
        |out: String| -> Vec<Value> { out.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };

    let mut connections: Vec<_> = run(&["github"]).await.unwrap().lines().map(str::to_owned).collect();
    connections.sort();
    assert_eq!(connections, [CALM, RESET]);

    let issues = bench.records(CALM);
    issues.save([json!({ "id": "1", "title": "a" })]).unwrap();
    issues.save([json!({ "id": "2", "title": "b" })]).unwrap();
    let printed = lines(run(&["github", CALM, "Issue"]).await.unwrap());
    assert_eq!(printed[0]["data"]["title"], "a");
    assert_eq!(printed[1]["id"], "2");

    issues.delete(["1"]).unwrap();
    let cursor = printed[1]["cursor"].as_str().unwrap();
    let printed = lines(run(&["github", CALM, "Issue", cursor]).await.unwrap());
    assert_eq!(
        (printed.len(), &printed[0]["action"], &printed[0]["data"]),
        (1, &json!("DELETED"), &Value::Null)
    );

    for arguments in [&[] as &[&str], &["github", CALM], &["github", CALM, "Issue", cursor, "follow"]] {
        assert!(run(arguments).await.unwrap_err().starts_with("usage:"), "{arguments:?}");
    }
}
