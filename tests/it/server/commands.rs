//! The whole life of an issue from the command line, against the real server.

use std::path::Path;
use std::process::{Command, Output};

use super::client::{Server, TOKEN};

fn run(server: &Server, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yunfushan"))
        .arg("issue")
        .args(arguments)
        .env("YUNFUSHAN_API", &server.url)
        .env("YUNFUSHAN_TOKEN", TOKEN)
        .output()
        .expect("the program runs")
}

#[track_caller]
fn says(server: &Server, arguments: &[&str]) -> String {
    let output = run(server, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[track_caller]
fn refuses(server: &Server, arguments: &[&str]) -> String {
    let output = run(server, arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn photo(folder: &Path, name: &str, shade: u8) -> String {
    let file = folder.join(name);
    image::RgbImage::from_pixel(40, 30, image::Rgb([shade, 90, 90])).save(&file).expect("a picture");
    file.to_str().expect("UTF-8").to_owned()
}

#[test]
fn every_step_can_be_taken_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::spawn(&folder.path().join("commands.sqlite"));
    let class = "GBT47678.5-2026/event/06010";
    let report = |more: &[&str]| {
        let arguments = ["report", "--title", "楼道口堆放垃圾", "--class", class];
        let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
        says(&server, &arguments).trim().to_owned()
    };
    let before = photo(folder.path(), "before.png", 20);
    let id = report(&["--at", "118.8735,28.9655", "--photo", &before]);
    assert!(says(&server, &["list", "--state", "open"]).contains(&id));
    let step = |id: &str, more: &[&str]| {
        let arguments: Vec<&str> = ["step", id].into_iter().chain(more.iter().copied()).collect();
        says(&server, &arguments)
    };
    step(&id, &["register"]);
    let refused = refuses(&server, &["step", &id, "close"]);
    assert!(refused.contains("dispatch"), "{refused}");
    let stale = refuses(&server, &["step", &id, "dispatch", "--seen", "1", "--department", "环卫所"]);
    assert!(stale.contains("changed"), "{stale}");
    step(&id, &["dispatch", "--department", "环卫所", "--helpers", "城管,社区"]);
    let lead = ["--as", "环卫所:handler"];
    for name in ["accept", "handle"] {
        step(&id, &[name, lead[0], lead[1]]);
    }
    step(&id, &["extend", "--until", "2026-12-01T10:00"]);
    let after = photo(folder.path(), "after.png", 200);
    step(&id, &["give-feedback", "--note", "已清运", "--photo", &after, lead[0], lead[1]]);
    step(&id, &["check"]);
    let closed = step(&id, &["close"]);
    assert!(closed.contains("已办结"), "{closed}");

    let shown = says(&server, &["show", &id]);
    assert!(shown.contains("已清运") && shown.contains("环卫所"), "{shown}");
    let json: serde_json::Value =
        serde_json::from_str(&says(&server, &["show", &id, "--json"])).expect("JSON");
    let events = json["events"].as_array().expect("events");
    assert_eq!(events.len(), 9);
    let photos: usize = events.iter().filter_map(|event| event["attachments"].as_array().map(Vec::len)).sum();
    assert_eq!(photos, 2);

    // What was told in words is placed, and goes into another.
    let worded = report(&["--address", "老邮局对面"]);
    let other = report(&["--at", "118.8736,28.9655"]);
    let placed = step(&worded, &["locate", "--at", "118.8735,28.9655"]);
    assert!(!placed.is_empty());
    assert!(step(&worded, &["merge", "--into", &other]).contains("并案"));
    let unknown = refuses(&server, &["show", "nobody-knows-it"]);
    assert!(unknown.contains("404"), "{unknown}");
    let nobody = Command::new(env!("CARGO_BIN_EXE_yunfushan"))
        .args(["issue", "list", "--api", &server.url, "--token", "wrong"])
        .env_remove("YUNFUSHAN_TOKEN")
        .output()
        .expect("the program runs");
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("--account"), "{nobody:?}");
}
