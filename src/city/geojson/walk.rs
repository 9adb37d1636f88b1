//! From bytes to features: documents, the `features` array, pieces, recovery.

use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::Deserializer;

use super::Sink;
use super::feature::{Attributes, CrsSeed, Feature, FeatureSeed, Kind};
use crate::city::parallel;
use crate::city::report::{Broken, Reason};

/// A piece of less than this is not worth a thread.
const PIECE_BYTES: usize = 1 << 20;

/// What came of walking a file.
pub(crate) struct Walked<S> {
    /// The sinks in the order of the file, each with how many features it saw.
    pub(crate) pieces: Vec<(S, u32)>,
    /// The `crs` member, where it stands at the top.
    pub(crate) crs: Option<String>,
    /// Where and why reading stopped early.
    pub(crate) broken: Option<Broken>,
}

/// Why a file as a whole is not GeoJSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Empty,
    /// What the first bytes look like instead.
    LooksLike(&'static str),
    /// Not JSON from the start.
    NotJson(Broken),
    /// JSON, but with this `type` at the top.
    NotGeoJson,
}

/// Reads all features of a file into sinks.
pub(crate) fn walk<A: Attributes, S: Sink<A>>(
    bytes: &[u8],
    new_sink: impl Fn() -> S + Sync,
) -> Result<Walked<S>, Unreadable> {
    let start = skip_space(bytes, if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 });
    match bytes.get(start..) {
        None | Some([]) => return Err(Unreadable::Empty),
        Some([b'<', ..]) => return Err(Unreadable::LooksLike("HTML or XML")),
        Some([0x1f, 0x8b, ..]) => return Err(Unreadable::LooksLike("a gzip file; unpack it first")),
        Some([b'P', b'K', 3, 4, ..]) => return Err(Unreadable::LooksLike("a zip file; unpack it first")),
        Some([0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) => {
            return Err(Unreadable::LooksLike("UTF-16; save it as UTF-8"));
        }
        Some(_) => {}
    }
    let mut walker = Walker { bytes, new_sink, pieces: Vec::new(), crs: None, broken: None };
    walker.documents(start)?;
    Ok(Walked { pieces: walker.pieces, crs: walker.crs, broken: walker.broken })
}

struct Walker<'a, S, F> {
    bytes: &'a [u8],
    new_sink: F,
    pieces: Vec<(S, u32)>,
    crs: Option<String>,
    broken: Option<Broken>,
}

impl<S, F: Fn() -> S + Sync> Walker<'_, S, F> {
    /// One document after another: a file has one, newline-delimited GeoJSON has one a line.
    fn documents<A: Attributes>(&mut self, start: usize) -> Result<(), Unreadable>
    where
        S: Sink<A>,
    {
        let mut at = start;
        let mut feature = Feature::<A>::default();
        let mut lines: Option<(S, u32)> = None;
        while at < self.bytes.len() && self.broken.is_none() {
            let is_first = at == start;
            feature.clear();
            let parsed = parse(self.bytes, at, FeatureSeed { feature: &mut feature, top: true });
            if feature.is_collection {
                self.pieces.extend(lines.take());
                at = self.collection::<A>(at);
            } else {
                let (sink, count) = lines.get_or_insert_with(|| ((self.new_sink)(), 0));
                match parsed {
                    // An object that is no GeoJSON, alone in its file: another format, or an empty collection's relative.
                    Ok(end)
                        if is_first
                            && matches!(feature.kind, Kind::Missing | Kind::Unknown)
                            && skip_space(self.bytes, end) >= self.bytes.len() =>
                    {
                        return Err(Unreadable::NotGeoJson);
                    }
                    Ok(end) => {
                        if feature.kind == Kind::FeatureCollection {
                            // A collection without `features`.
                            sink.refuse(*count, Reason::NotAFeature);
                        } else {
                            sink.feature(*count, &mut feature);
                        }
                        *count += 1;
                        at = end;
                    }
                    Err(broken) => {
                        let line_end = find(self.bytes, at, b'\n').filter(|_| !is_first);
                        match line_end.or_else(|| balanced(self.bytes, at)) {
                            Some(end) => {
                                sink.refuse(*count, Reason::NotJson(broken));
                                *count += 1;
                                at = end;
                            }
                            None if is_first && *count == 0 => return Err(Unreadable::NotJson(broken)),
                            None => self.broken = Some(broken),
                        }
                    }
                }
            }
            at = skip_space(self.bytes, at);
        }
        self.pieces.extend(lines);
        Ok(())
    }

    /// An object that has a member `features`: its other members one by one, its features in pieces.
    fn collection<A: Attributes>(&mut self, start: usize) -> usize
    where
        S: Sink<A>,
    {
        let mut at = start + 1;
        loop {
            at = skip_space(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'}') => return at + 1,
                Some(b',') => at += 1,
                Some(b'"') => {
                    let mut key = Key::Other;
                    let member = parse(self.bytes, at, KeySeed(&mut key)).and_then(|end| {
                        let colon = skip_space(self.bytes, end);
                        match self.bytes.get(colon) {
                            Some(b':') => Ok(skip_space(self.bytes, colon + 1)),
                            _ => Err(broken_at(colon, "expected a colon")),
                        }
                    });
                    let value = match member {
                        Ok(value) => value,
                        Err(broken) => return self.stop(broken),
                    };
                    let end = if key == Key::Features && self.bytes.get(value) == Some(&b'[') {
                        self.features::<A>(value + 1)
                    } else if key == Key::Crs {
                        let mut crs = None;
                        let end = parse(self.bytes, value, Capture(&mut crs));
                        self.crs = crs.flatten().or(self.crs.take());
                        end
                    } else {
                        parse(self.bytes, value, std::marker::PhantomData::<IgnoredAny>)
                    };
                    match end {
                        Ok(end) => at = end,
                        Err(broken) => return self.stop(broken),
                    }
                }
                Some(_) => return self.stop(broken_at(at, "expected a member name")),
                None => return self.stop(broken_at(at, "the file ends within the collection")),
            }
        }
    }

    fn stop(&mut self, broken: Broken) -> usize {
        self.broken.get_or_insert(broken);
        self.bytes.len()
    }

    /// The array of features, from behind its bracket to behind its closing one.
    fn features<A: Attributes>(&mut self, start: usize) -> Result<usize, Broken>
    where
        S: Sink<A>,
    {
        let starts = self.guess_starts(start);
        let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
        let pieces: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
        let (bytes, new_sink) = (self.bytes, &self.new_sink);
        let mut done = parallel::map("city-read", pieces, |(from, until)| {
            elements::<A, S>(bytes, from, until, new_sink())
        })
        .into_iter();
        let Some(mut piece) = done.next() else { return Ok(start) };
        loop {
            self.pieces.push((piece.sink, piece.count));
            match piece.end {
                End::Closed(end) => return Ok(end),
                End::Broken(broken) => return Err(broken),
                End::Boundary(at) => {
                    // The next piece is believed if it started exactly here; pieces that started earlier were misled.
                    piece = loop {
                        match done.next() {
                            Some(next) if next.start == at => break next,
                            Some(next) if next.start < at => {}
                            rest => {
                                let until = rest.as_ref().map_or(usize::MAX, |next| next.start);
                                let between = elements::<A, S>(bytes, at, until, new_sink());
                                let later: Vec<_> = rest.into_iter().chain(done).collect();
                                done = later.into_iter();
                                break between;
                            }
                        }
                    };
                }
            }
        }
    }

    /// Places where a feature probably starts, the first certainly.
    fn guess_starts(&self, start: usize) -> Vec<usize> {
        let total = self.bytes.len().saturating_sub(start);
        let count = (total / PIECE_BYTES).clamp(1, parallel::width());
        let mut starts = vec![start];
        for i in 1..count {
            if let Some(guess) = guess_element(self.bytes, start + total / count * i)
                && starts.last().is_some_and(|last| guess > *last)
            {
                starts.push(guess);
            }
        }
        starts
    }
}

/// One piece of the features array, read.
struct Piece<S> {
    start: usize,
    sink: S,
    count: u32,
    end: End,
}

enum End {
    /// Behind the closing bracket.
    Closed(usize),
    /// At the start of an element that lies at or behind the end of the piece.
    Boundary(usize),
    Broken(Broken),
}

/// Reads elements from one that starts at `start` to the first that starts at or behind `until`.
fn elements<A: Attributes, S: Sink<A>>(bytes: &[u8], start: usize, until: usize, mut sink: S) -> Piece<S> {
    let mut feature = Feature::<A>::default();
    let mut count = 0;
    let mut at = start;
    let end = loop {
        at = skip_space(bytes, at);
        match bytes.get(at) {
            None => break End::Broken(broken_at(at, "the file ends within the features")),
            Some(b']') => break End::Closed(at + 1),
            Some(_) if at >= until => break End::Boundary(at),
            Some(_) => {}
        }
        feature.clear();
        at = match parse(bytes, at, FeatureSeed { feature: &mut feature, top: false }) {
            Ok(end) => {
                sink.feature(count, &mut feature);
                end
            }
            Err(broken) => match balanced(bytes, at) {
                Some(end) => {
                    sink.refuse(count, Reason::NotJson(broken));
                    end
                }
                None => break End::Broken(broken),
            },
        };
        count += 1;
        at = skip_space(bytes, at);
        match bytes.get(at) {
            Some(b',') => at += 1,
            Some(b']') => {}
            None => break End::Broken(broken_at(at, "the file ends within the features")),
            Some(_) => break End::Broken(broken_at(at, "expected a comma between features")),
        }
    };
    Piece { start, sink, count, end }
}

/// The start of something that looks like an element behind a comma, at or behind `from`.
fn guess_element(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let brace = find(bytes, at, b'}')?;
        let comma = skip_space(bytes, brace + 1);
        let open = skip_space(bytes, comma + 1);
        if bytes.get(comma) == Some(&b',') && bytes.get(open) == Some(&b'{') {
            return Some(open);
        }
        at = brace + 1;
    }
}

/// Parses one value at an offset; gives the offset behind it.
fn parse<'a, T: DeserializeSeed<'a>>(bytes: &'a [u8], at: usize, seed: T) -> Result<usize, Broken> {
    let rest = bytes.get(at..).unwrap_or_default();
    let mut deserializer = Deserializer::from_slice(rest);
    match seed.deserialize(&mut deserializer) {
        Ok(_) => Ok(at + deserializer.into_iter::<IgnoredAny>().byte_offset()),
        Err(error) => {
            let offset =
                if error.is_eof() { rest.len() } else { offset_of(rest, error.line(), error.column()) };
            let what = if error.is_eof() {
                "the file ends too early".to_owned()
            } else {
                let text = error.to_string();
                text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
            };
            Err(Broken { byte: (at + offset) as u64, what })
        }
    }
}

/// The byte of a line (from 1) and column (in bytes, from 1).
fn offset_of(bytes: &[u8], line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match find(bytes, start, b'\n') {
            Some(end) => start = end + 1,
            None => break,
        }
    }
    (start + column.saturating_sub(1)).min(bytes.len())
}

fn broken_at(byte: usize, what: &str) -> Broken {
    Broken { byte: byte as u64, what: what.to_owned() }
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| *byte == wanted).map(|i| from + i)
}

/// Skips what JSON takes as space, and the record separators of RFC 8142.
fn skip_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from.min(bytes.len())
        + rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x1E))
            .unwrap_or(rest.len())
}

/// The end of the object or array at `at` by counting brackets outside strings, whatever stands between them.
fn balanced(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut is_text = false;
    let mut is_escaped = false;
    for (i, byte) in bytes.get(at..)?.iter().enumerate() {
        match (is_text, byte) {
            (true, _) if is_escaped => is_escaped = false,
            (true, b'\\') => is_escaped = true,
            (_, b'"') => is_text = !is_text,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + i + 1);
                }
            }
            // Neither an object nor an array: its end cannot be told.
            (false, _) if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Features,
    Crs,
    Other,
}

struct KeySeed<'k>(&'k mut Key);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let name: String = serde::Deserialize::deserialize(deserializer)?;
        *self.0 = match name.as_str() {
            "features" => Key::Features,
            "crs" => Key::Crs,
            _ => Key::Other,
        };
        Ok(())
    }
}

struct Capture<'c>(&'c mut Option<Option<String>>);

impl<'de> DeserializeSeed<'de> for Capture<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        *self.0 = Some(CrsSeed.deserialize(deserializer)?.map(std::borrow::Cow::into_owned));
        Ok(())
    }
}
