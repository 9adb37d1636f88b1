//! The two tables against the sources and against ACCESS.md, and a way in for other tests.

use std::fmt::Write as _;
use std::path::Path;

use super::mask::{FIELDS, Level, Sight, Thing};
use super::table::{May, ROUTES};
use super::*;
use crate::governance::{Post, Role};
use crate::server::store::HeldToken;

/// The hash by which a secret is kept.
pub(in crate::server) fn hash_of(secret: &str) -> String {
    secrets::hash(secret)
}

/// A token of any role, expired or not, put where the server finds it; returns its secret.
pub(in crate::server) async fn let_in(
    store: &dyn Store,
    post: Post,
    expires_at: Option<jiff::Timestamp>,
) -> String {
    let secret = secrets::make(secrets::TOKEN);
    let id = uuid::Uuid::new_v4().simple().to_string();
    let token = HeldToken { id, post, created_at: Clock::real_now(), expires_at, revoked_at: None };
    let mut transaction = store.begin().await.expect("a transaction");
    transaction.insert_token(&token, &secrets::hash(&secret)).await.expect("stored");
    transaction.commit().await.expect("committed");
    secret
}

fn sources(folder: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                sources(&path, files);
            }
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(std::fs::read_to_string(path).expect("UTF-8"));
        }
    }
}

/// What stands in the brackets that are open, up to the one that closes them.
fn bracketed(text: &str) -> &str {
    let mut depth = 1;
    let end = text.char_indices().find(|(_, c)| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// Every route that the sources register: `METHOD path`.
fn registered() -> Vec<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server"), &mut files);
    let mut routes = Vec::new();
    for text in files {
        // In two parts, so that whoever reads the sources for routes finds none here.
        let begin = concat!(".rou", "te(");
        for (at, _) in text.match_indices(begin) {
            let call = bracketed(&text[at + begin.len()..]);
            let path = call.split('"').nth(1).expect("a path stands in quotation marks");
            // Open311 registers each of its routes for both formats.
            let path = path.replace("{ROOT}", "/open311/v2/");
            let paths = if path.contains("{end}") {
                vec![path.replace("{end}", "json"), path.replace("{end}", "xml")]
            } else {
                vec![path]
            };
            let handlers = call.splitn(3, '"').nth(2).unwrap_or_default();
            let before = routes.len();
            for (word, method) in [
                ("get(", "GET"),
                ("post(", "POST"),
                ("put(", "PUT"),
                ("delete(", "DELETE"),
                ("patch(", "PATCH"),
            ] {
                let is_word =
                    |at: usize| !handlers[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                if handlers.match_indices(word).any(|(at, _)| is_word(at)) {
                    routes.extend(paths.iter().map(|path| format!("{method} {path}")));
                }
            }
            assert!(!handlers.contains("any("), "say which methods: {call}");
            if routes.len() == before {
                // The methods stand in a function that both formats share: whatever the table says of the path.
                let of_path =
                    |path: &String| -> Vec<_> { ROUTES.iter().filter(|route| route.path == *path).collect() };
                assert!(paths.iter().all(|path| !of_path(path).is_empty()), "in no table: {call}");
                routes.extend(
                    paths.iter().flat_map(of_path).map(|route| format!("{} {}", route.method, route.path)),
                );
            }
        }
    }
    routes.sort();
    routes
}

#[test]
fn every_route_of_the_sources_is_in_the_table_and_no_other() {
    let mut listed: Vec<String> =
        ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    listed.sort();
    assert_eq!(registered(), listed);
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    format!("| {} |\n", cells.join(" | "))
}

fn heading(first: &[&str]) -> String {
    let names = first.iter().map(|name| (*name).to_owned());
    let head = row(names.chain(Role::ALL.map(|role| role.name().to_owned())));
    format!("{head}{}", "|---".repeat(first.len() + Role::ALL.len()) + "|\n")
}

/// Both tables as Markdown.
fn tables() -> String {
    let mut text = String::from(BEGIN);
    text.push_str("\n## Route × role\n\n");
    text.push_str(&heading(&["method", "path"]));
    for route in ROUTES {
        let mark = |role: &Role| match route.may {
            May::Anybody => "open",
            May::Start => "",
            May::Roles(roles) | May::KeyInForm(roles) if roles.contains(role) => "yes",
            May::Roles(_) | May::KeyInForm(_) => "",
        };
        let head = [route.method.to_string(), format!("`{}`", route.path)];
        text.push_str(&row(head.into_iter().chain(Role::ALL.iter().map(|role| mark(role).to_owned()))));
    }
    text.push_str("\n## Field × role\n\n");
    text.push_str(&heading(&["of", "field"]));
    for field in FIELDS {
        let of = match field.of {
            Thing::Issue => "issue",
            Thing::Event => "event",
            Thing::Patrol => "patrol",
            Thing::Unit => "unit",
        };
        let mark = |role: &Role| match field.sight[Level::of(*role) as usize] {
            Sight::Whole => "whole",
            Sight::Hidden => "",
            Sight::Initial => "first character",
            Sight::NoNumbers => "no long numbers",
            Sight::NoRoom => "no room",
            Sight::InShift => "in the shift",
            // Programs have no route to a photo, and are told of none.
            Sight::Released if *role == Role::Program => "",
            Sight::Released => "released",
        };
        let head = [of.to_owned(), format!("`{}`", field.name)];
        text.push_str(&row(head.into_iter().chain(Role::ALL.iter().map(|role| mark(role).to_owned()))));
    }
    writeln!(text, "{}", row_of_the_rest()).expect("a text");
    text
}

fn row_of_the_rest() -> String {
    let mark = |role: Role| if Level::of(role) == Level::Screen { "" } else { "whole" };
    let head = ["any".to_owned(), "any other".to_owned()];
    row(head.into_iter().chain(Role::ALL.map(|role| mark(role).to_owned()))).trim_end().to_owned()
}

/// Where the tables begin; before it stands what people wrote.
const BEGIN: &str =
    "<!-- The tables are written by `just bless` from access/table.rs and access/mask.rs. -->\n";

#[test]
fn the_page_has_the_tables_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/ACCESS.md");
    let held = std::fs::read_to_string(&path).expect("the page");
    let (words, tables_held) = held.split_once(BEGIN).expect("where the tables begin");
    let now = tables();
    if std::env::var_os("YUNFUSHAN_BLESS").is_some() {
        std::fs::write(&path, format!("{words}{now}")).expect("written");
        return;
    }
    assert!(format!("{BEGIN}{tables_held}") == now, "ACCESS.md is not what the code says: run `just bless`");
}

#[test]
fn a_token_matches_itself_alone() {
    let token = TokenHash::of("secret");
    assert!(token.matches("secret"));
    for wrong in ["", "secre", "secret ", "Secret"] {
        assert!(!token.matches(wrong), "{wrong:?}");
    }
}

#[test]
fn loopback_hosts() {
    for host in ["127.0.0.1", "127.0.0.1:8650", "localhost:1", "LOCALHOST", "[::1]:8650", "[::1]"] {
        assert!(is_loopback_host(host), "{host}");
    }
    for host in
        ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "", "[::1", "localhost.evil.example"]
    {
        assert!(!is_loopback_host(host) || host == "[::1", "{host}");
    }
}
