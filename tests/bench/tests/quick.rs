//! Plays every work for a moment, so that none of them rots. A side with a wrong answer, or with deliveries that did
//! not do what the work is about, fails its run.

use std::process::Command;

use serde_json::Value;

#[test]
fn every_work_has_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let bench = || Command::new(env!("CARGO_BIN_EXE_nango-bench"));
    let run = bench()
        // Two turns of each side.
        .args(["run", "--quick", "--rounds", "1", "--seconds", "0.26", "--json"])
        .arg(&file)
        .output()
        .unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{printed}{}", String::from_utf8_lossy(&run.stderr));

    let listed = String::from_utf8(bench().arg("list").output().unwrap().stdout).unwrap();
    let has_server = std::env::var_os("NANGO_TEST_POSTGRES_URL").is_some();
    let expected: Vec<_> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| has_server || !name.contains("postgres"))
        .collect();
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let works = report["works"].as_array().unwrap();
    let names: Vec<_> = works.iter().filter_map(|work| work["name"].as_str()).collect();
    assert_eq!(names, expected);
    assert!(names.len() > 10, "{names:?}");
    for work in works {
        for target in work["targets"].as_array().unwrap() {
            // What is not a number is `null` in JSON.
            assert!(target["median"].is_number(), "{target} of {}", work["name"]);
        }
        for side in work["sides"].as_array().unwrap() {
            let figures = side["figures"].as_object().unwrap();
            assert!(!figures.is_empty(), "{}", work["name"]);
            assert!(
                figures.values().all(|figure| figure["median"].is_number()),
                "{side} of {}",
                work["name"]
            );
        }
        assert!(printed.contains(work["name"].as_str().unwrap()), "{printed}");
    }
}
