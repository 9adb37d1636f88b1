//! The rules of the house (DESIGN.md, section 4), checked by reading the sources, the texts and the fonts.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use source::{Source, files_below, root, sources};

/// Who may know whom. A room knows itself; `clock` and `config` are small and may be known wherever they are listed.
const ROOMS: [(&str, &[&str]); 14] = [
    ("geo", &[]),
    ("clock", &[]),
    ("picture", &[]),
    ("config", &["clock", "geo", "language"]),
    ("city", &["geo", "picture"]),
    ("governance", &["clock", "geo"]),
    ("mesh", &["city", "geo"]),
    ("language", &["city", "clock", "governance"]),
    ("generate", &["city", "clock", "geo", "governance"]),
    ("feed", &["city", "clock", "config", "geo", "governance", "picture"]),
    ("server", &["city", "clock", "config", "geo", "governance", "picture"]),
    ("simulation", &["city", "clock", "config", "generate", "geo", "governance"]),
    (
        "viewer",
        &[
            "city",
            "clock",
            "config",
            "feed",
            "generate",
            "geo",
            "governance",
            "language",
            "mesh",
            "picture",
            "simulation",
        ],
    ),
    (
        "cli",
        &[
            "city",
            "clock",
            "config",
            "feed",
            "generate",
            "geo",
            "governance",
            "language",
            "mesh",
            "server",
            "simulation",
            "viewer",
        ],
    ),
];

/// Which rooms may name which outside crates.
const CRATES: [(&str, &[&str]); 5] = [
    ("bevy", &["viewer"]),
    ("egui", &["viewer"]),
    ("axum", &["server"]),
    ("sqlx", &["server"]),
    ("reqwest", &["feed", "simulation", "cli"]),
];

/// What the browser does not have, and the seams of the core behind which it may stand all the same.
const MACHINE: [&str; 7] =
    ["std::fs", "std::thread", "std::net", "std::process", "Instant::now", "SystemTime", "tokio::"];
const SEAMS: [&str; 11] = [
    "city/parallel.rs",
    "city/place.rs",
    "feed/clerk.rs",
    "feed/errands.rs",
    "feed/http.rs",
    "feed/live.rs",
    "feed/outlet.rs",
    "feed/thread.rs",
    "feed/tiles.rs",
    "feed/tiles/cache.rs",
    "feed/transport.rs",
];

/// Where Chinese may stand in strings, and why.
const CHINESE: [(&str, &str); 10] = [
    ("generate/", "names of a place, which are data"),
    ("simulation/", "what invented people say, which is data"),
    ("city/attributes.rs", "names of properties in other people's files"),
    ("city/numbers.rs", "units in other people's files"),
    ("city/search/", "what people type"),
    ("city/storeys.rs", "how addresses name storeys"),
    ("governance/classes.rs", "words in the class table of a place"),
    ("server/access/mask.rs", "how addresses name rooms"),
    ("server/features.rs", "titles of an API that has no language of its own, in both"),
    ("cli/view.rs", "the name of the program, in both"),
];

fn told(source: &Source, line: usize, what: &str) -> String {
    format!("src/{}:{line}: {what}", source.path)
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} against the rules of the house:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn rooms_know_only_whom_they_may() {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(may_know) = rooms.get(source.room.as_str()) else {
            wrong.push(told(
                &source,
                1,
                "a new room: say in tests/it/house.rs and DESIGN.md whom it may know",
            ));
            continue;
        };
        for (known, line) in source.known_rooms() {
            if rooms.contains_key(known.as_str())
                && known != source.room
                && !may_know.contains(&known.as_str())
            {
                wrong.push(told(&source, line, &format!("{} must not know {known}", source.room)));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn outside_crates_are_named_where_they_belong() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, rooms) in CRATES {
            let is_wanted = |found: &str| found == name || found.starts_with(&format!("{name}_"));
            if !rooms.contains(&source.room.as_str()) {
                for (found, line) in source.names_crate(is_wanted) {
                    wrong.push(told(&source, line, &format!("{found} is named outside {rooms:?}")));
                }
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn the_core_touches_the_machine_only_at_its_seams() {
    let mut wrong = Vec::new();
    for source in sources() {
        let is_core = ["geo", "city", "mesh", "governance", "feed"].contains(&source.room.as_str());
        if !is_core || SEAMS.contains(&source.path.as_str()) {
            continue;
        }
        let code = String::from_utf8_lossy(&source.code).into_owned();
        for name in MACHINE {
            wrong.extend(code.match_indices(name).map(|(at, _)| {
                told(&source, source.line(at), &format!("{name} in the core, which must run in a browser"))
            }));
        }
    }
    assert_none(&wrong);
    let gone: Vec<&str> = SEAMS.into_iter().filter(|seam| !root().join("src").join(seam).exists()).collect();
    assert!(gone.is_empty(), "seams that are no more: {gone:?}");
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

#[test]
fn no_chinese_stands_in_code_outside_data() {
    let mut wrong = Vec::new();
    for source in sources() {
        if CHINESE.iter().any(|(allowed, _)| source.path.starts_with(allowed)) {
            continue;
        }
        for (at, text) in &source.strings {
            // A single sign, such as a separator that is looked for, is no text.
            if text.chars().filter(|c| is_han(*c)).count() > usize::from(text.starts_with('\'')) {
                wrong.push(told(&source, source.line(*at), &format!("{text} belongs into assets/language")));
            }
        }
    }
    assert_none(&wrong);
}

/// The messages of a file: for each key the variables that it uses.
fn messages(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = root().join(format!("assets/language/{language}.ftl"));
    let text = std::fs::read_to_string(path).expect("UTF-8");
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let is_begin = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if let Some((name, _)) = line.split_once('=').filter(|_| is_begin) {
            name.trim().clone_into(&mut key);
            assert!(
                messages.insert(key.clone(), BTreeSet::new()).is_none(),
                "{language}.ftl has {key} twice"
            );
        }
        let variables = line.split('$').skip(1).map(|rest| {
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                .next()
                .unwrap_or_default()
        });
        if let Some(known) = messages.get_mut(&key) {
            known.extend(variables.map(str::to_owned));
        }
    }
    assert!(messages.len() > 50, "{language}.ftl was not understood");
    messages
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_variables() {
    let (chinese, english) = (messages("zh-CN"), messages("en"));
    let keys = |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<BTreeSet<_>>();
    let apart: Vec<String> = keys(&chinese).symmetric_difference(&keys(&english)).cloned().collect();
    assert!(apart.is_empty(), "in one language only: {apart:?}");
    for (key, variables) in &chinese {
        assert_eq!(Some(variables), english.get(key), "{key}: variables");
    }
}

#[test]
fn every_message_that_code_asks_for_by_name_is_there() {
    let known = messages("en");
    let mut wrong = Vec::new();
    let mut asked = 0;
    for source in sources().iter().filter(|source| ["viewer", "cli"].contains(&source.room.as_str())) {
        for (at, text) in &source.strings {
            let before = String::from_utf8_lossy(&source.code[..*at]).into_owned();
            let before = before.trim_end();
            if before.ends_with(".text(") || before.ends_with(".text_with(") {
                asked += 1;
                let key = text.trim_matches('"');
                if !known.contains_key(key) {
                    wrong.push(told(source, source.line(*at), &format!("no message {key}")));
                }
            }
        }
    }
    assert_none(&wrong);
    println!("{asked} messages are asked for by name");
}

const FONTS: [&str; 2] = ["NotoSansSC-Regular.ttf", "NotoSansSC-Medium.ttf"];

#[test]
fn the_fonts_are_small_and_have_their_licence_beside_them() {
    let folder = root().join("assets/fonts");
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    let is_font = |path: &std::path::Path| path.extension().is_some_and(|e| e == "ttf" || e == "otf");
    let bytes: u64 =
        files.iter().filter(|path| is_font(path)).map(|path| path.metadata().expect("a file").len()).sum();
    assert!((1..4_000_000).contains(&bytes), "{bytes} bytes of fonts, 4 MB are allowed");
    for font in FONTS {
        assert!(folder.join(font).exists(), "{font}");
    }
    let licence = std::fs::read_to_string(folder.join("OFL.txt")).expect("the licence beside them");
    assert!(licence.contains("SIL OPEN FONT LICENSE"), "OFL.txt is another text");
}

/// The texts that a viewer may show: messages, words, and the demo place.
#[cfg(feature = "viewer")]
fn texts() -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for folder in ["assets/language", "data", "src/governance/calendar", "src/generate"] {
        files_below(&root().join(folder), &mut files);
    }
    let kinds = ["ftl", "toml", "csv", "geojson", "rs"];
    files.retain(|path| path.extension().and_then(|e| e.to_str()).is_some_and(|e| kinds.contains(&e)));
    files
}

#[test]
#[cfg(feature = "viewer")]
fn every_character_of_our_texts_has_a_glyph() {
    use ab_glyph::Font;
    // Medium leaves rare characters to Regular, so Regular must have all of them.
    let bytes = std::fs::read(root().join("assets/fonts").join(FONTS[0])).expect("a font");
    let font = ab_glyph::FontRef::try_from_slice(&bytes).expect("a font");
    let mut missing: BTreeMap<char, String> = BTreeMap::new();
    for path in texts() {
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        for c in text.chars().filter(|c| !c.is_control() && font.glyph_id(*c).0 == 0) {
            missing.entry(c).or_insert_with(|| path.display().to_string());
        }
    }
    assert!(missing.is_empty(), "add them by scripts/make_font.py: {missing:?}");
}

#[test]
fn the_papers_name_every_room() {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).expect("UTF-8");
    let (architecture, changelog, essay) =
        (read("ARCHITECTURE.md"), read("CHANGELOG.md"), read("src/lib.rs"));
    let mut with_code: BTreeMap<String, bool> = BTreeMap::new();
    for source in sources() {
        let has_code = source.code.iter().any(|byte| !byte.is_ascii_whitespace());
        *with_code.entry(source.room).or_default() |= has_code;
    }
    for (room, has_code) in with_code {
        let names = |paper: &str| {
            [format!("`{room}`"), format!("`{room}::"), format!("[`{room}`]")]
                .iter()
                .any(|n| paper.contains(n))
        };
        assert!(names(&architecture), "ARCHITECTURE.md has no line for {room}");
        assert!(
            essay.lines().any(|line| line.starts_with("//!") && names(line)),
            "lib.rs has no line for {room}"
        );
        assert!(!has_code || names(&changelog), "CHANGELOG.md says nothing of {room}");
    }
}

/// The features of each package, with and without what only tests need.
fn features(edges: &str) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p}|{f}", "--edges", edges])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
        if let Some((package, list)) = line.trim_end_matches(" (*)").split_once('|') {
            features.entry(package.to_owned()).or_default().insert(list.to_owned());
        }
    }
    features
}

#[test]
fn tests_and_program_share_one_build_of_the_engine() {
    let (program, tests) = (features("normal,build"), features("normal,build,dev"));
    assert!(program.len() > 100, "cargo tree said little");
    let apart: Vec<String> = program
        .iter()
        .filter(|(package, sets)| tests.get(*package) != Some(*sets))
        .map(|(package, sets)| format!("{package}: {sets:?}, with tests {:?}", tests.get(package)))
        .collect();
    assert!(
        apart.is_empty(),
        "built twice, since tests ask for other features (see Cargo.toml):\n{}",
        apart.join("\n")
    );
}
