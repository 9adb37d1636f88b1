//! Our own sources, read just well enough to tell code from comments, strings and tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One file of `src`, without its tests.
pub(super) struct Source {
    /// Below `src`, with slashes.
    pub(super) path: String,
    /// The first folder or file: `city` of `city/read.rs`, `clock` of `clock.rs`.
    pub(super) room: String,
    /// The text with comments, strings and tests blanked out; offsets are those of the file.
    pub(super) code: Vec<u8>,
    /// The strings outside tests, each with its offset.
    pub(super) strings: Vec<(usize, String)>,
    text: String,
}

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of `src` that is not a test, but for `lib.rs` and `main.rs`.
pub(super) fn sources() -> Vec<Source> {
    let (mut sources, mut tests) = (Vec::new(), BTreeSet::new());
    let mut paths = Vec::new();
    files_below(&root().join("src"), &mut paths);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let text = std::fs::read_to_string(path).expect("UTF-8");
        let name =
            path.strip_prefix(root().join("src")).expect("below src").to_string_lossy().replace('\\', "/");
        let mut source = Source::read(name, text);
        for module in source.cut_tests() {
            let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
                Some("mod" | "lib" | "main") => path.parent().expect("a folder").to_owned(),
                _ => path.with_extension(""),
            };
            tests.insert(folder.join(format!("{module}.rs")));
            // What lies in the folder of a module of tests is tests, too.
            tests.insert(folder.join(module));
        }
        sources.push((path.clone(), source));
    }
    assert!(sources.len() > 100, "the sources are not where they are looked for");
    let is_shell = |source: &Source| matches!(source.path.as_str(), "lib.rs" | "main.rs");
    let is_test = |path: &Path| path.ancestors().any(|path| tests.contains(path));
    sources.retain(|(path, source)| !is_test(path) && !is_shell(source));
    sources.into_iter().map(|(_, source)| source).collect()
}

pub(super) fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

impl Source {
    fn read(path: String, text: String) -> Self {
        let room = path.split(['/', '.']).next().unwrap_or_default().to_owned();
        let mut source = Self { path, room, code: text.as_bytes().to_vec(), strings: Vec::new(), text };
        source.blank_comments_and_strings();
        source
    }

    fn blank(&mut self, from: usize, to: usize) {
        for byte in &mut self.code[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn blank_comments_and_strings(&mut self) {
        let text = self.text.clone();
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let follows_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
            let end = if rest.starts_with(b"//") {
                find(bytes, at, b"\n")
            } else if rest.starts_with(b"/*") {
                find(bytes, at, b"*/") + 2
            } else if rest[0] == b'"' {
                string_end(bytes, at)
            } else if rest[0] == b'r'
                && !follows_word
                && rest[1..].iter().find(|b| **b != b'#') == Some(&b'"')
            {
                let hashes = rest[1..].iter().take_while(|b| **b == b'#').count();
                let close = [&b"\""[..], &b"#".repeat(hashes)].concat();
                find(bytes, at + 2 + hashes, &close) + close.len()
            } else if rest.starts_with(b"'\\") {
                find(bytes, at + 3, b"'") + 1
            } else if rest[0] == b'\''
                && text[at + 1..]
                    .chars()
                    .next()
                    .is_some_and(|c| text[at + 1 + c.len_utf8()..].starts_with('\''))
            {
                find(bytes, at + 2, b"'") + 1
            } else {
                at += 1;
                continue;
            };
            let end = end.min(bytes.len());
            if !rest.starts_with(b"/") {
                self.strings.push((at, text[at..end].to_owned()));
            }
            self.blank(at, end);
            at = end;
        }
    }

    /// Blanks what stands under `#[cfg(test)]`; gives the modules that lie in files of their own.
    fn cut_tests(&mut self) -> Vec<String> {
        const MARK: &[u8] = b"#[cfg(test)]";
        let mut modules = Vec::new();
        loop {
            let start = find(&self.code, 0, MARK);
            if start >= self.code.len() {
                break;
            }
            let open = find(&self.code, start, b"{");
            let semicolon = find(&self.code, start, b";");
            let end = if semicolon < open {
                let item = String::from_utf8_lossy(&self.code[start..semicolon]).into_owned();
                modules.extend(item.rsplit_once("mod ").map(|(_, name)| name.trim().to_owned()));
                semicolon + 1
            } else {
                let mut depth = 0;
                let close = self.code[open..].iter().position(|byte| {
                    depth += i32::from(*byte == b'{') - i32::from(*byte == b'}');
                    depth == 0
                });
                open + close.expect("braces match") + 1
            };
            self.blank(start, end);
            self.strings.retain(|(at, _)| !(start..end).contains(at));
        }
        modules
    }

    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// The rooms that it names: `crate::city::…`, `use crate::{city, geo::Bounds}`, or `super::super::city::…`.
    pub(super) fn known_rooms(&self) -> BTreeSet<(String, usize)> {
        let code = String::from_utf8_lossy(&self.code);
        // `city/read/merge.rs` is crate::city::read::merge: three steps up to the root.
        let depth = self.path.trim_end_matches("/mod.rs").matches('/').count() + 1;
        let to_root = "super::".repeat(depth);
        let mut known = BTreeSet::new();
        for (prefix, is_root) in [("crate::", true), (to_root.as_str(), false)] {
            for (at, _) in code.match_indices(prefix) {
                let is_inside =
                    code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$'));
                let rest = &code[at + prefix.len()..];
                if is_inside || (!is_root && rest.starts_with("super::")) {
                    continue;
                }
                for name in names(rest) {
                    known.insert((name, self.line(at)));
                }
            }
        }
        known
    }

    /// Where an outside crate is named, as the head of a path or by `use`.
    pub(super) fn names_crate(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<(String, usize)> {
        let code = String::from_utf8_lossy(&self.code);
        let mut found = Vec::new();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut at = 0;
        while let Some(start) = code[at..].find(is_word).map(|start| at + start) {
            let end = code[start..].find(|c| !is_word(c)).map_or(code.len(), |end| start + end);
            let (before, after) = (code[..start].trim_end(), &code[end..]);
            let heads_a_path = after.starts_with("::") && !code[..start].ends_with("::");
            let is_used = before.ends_with("use") && (after.trim_start().starts_with([';', ' ']));
            if (heads_a_path || is_used) && is_wanted(&code[start..end]) {
                found.push((code[start..end].to_owned(), self.line(start)));
            }
            at = end;
        }
        found
    }
}

/// The first names of a path or of each path of a group: `a` and `c` of `{a::B, c}`.
fn names(rest: &str) -> Vec<String> {
    let first = |text: &str| {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        text[..end].to_owned()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![first(rest)] };
    let mut depth = 0;
    let mut names = vec![first(group.trim_start())];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}

/// The offset of a sequence, or the end.
fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(wanted.len()).position(|window| window == wanted).map_or(bytes.len(), |at| from + at)
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

#[test]
fn code_is_told_from_comments_strings_and_tests() {
    let text = "//! crate::viewer\nuse crate::{geo::LonLat, city::{self, read}, clock};\nconst A: &str = \"crate::feed 府 \\\" \"; /* crate::cli */\n\
                fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' || super::super::super::mesh::g(r#\"\"axum::\"\"#) }\n\
                #[cfg(test)]\nmod tests { fn g() { crate::server::start(); } }\n#[cfg(test)]\npub(crate) mod sample;\n";
    let mut source = Source::read("city/read/merge.rs".into(), text.into());
    assert_eq!(source.cut_tests(), ["sample"]);
    let known: Vec<String> = source.known_rooms().into_iter().map(|(name, _)| name).collect();
    assert_eq!(known, ["city", "clock", "geo", "mesh"]);
    let strings: Vec<&str> = source.strings.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(strings, ["\"crate::feed 府 \\\" \"", "'\"'", "'\\''", "r#\"\"axum::\"\"#"]);
    assert!(source.names_crate(|name| name == "axum").is_empty());
}
