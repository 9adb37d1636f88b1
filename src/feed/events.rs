//! Server-Sent Events: bytes in, events out, whatever the borders of the chunks.
//!
//! Follows the parsing rules of the HTML standard (section 9.2.6 "Interpreting an event stream"): lines end with LF, CR
//! or CRLF, a leading byte order mark is dropped, lines that begin with a colon are comments, an empty line dispatches.
//! Our own addition is a bound: an event larger than the limit is thrown away whole and reported, and the next one is read.

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event:` field; `message` where absent.
    pub name: String,
    /// The `data:` fields, joined by line feeds.
    pub data: String,
    /// The `id:` field of this very event, if it had one; ids of earlier events are not inherited.
    pub id: Option<String>,
}

/// An event that was larger than the limit and was thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {limit} bytes was thrown away")]
pub struct Oversized {
    /// The limit, in bytes.
    pub limit: usize,
}

/// A parser of one stream; a new connection needs a new one.
#[derive(Debug)]
pub struct SseParser {
    max_event_bytes: usize,
    line: Vec<u8>,
    /// The last byte was a CR, so that an LF now belongs to it.
    after_cr: bool,
    /// Nothing was read yet, so that a byte order mark may come.
    at_start: bool,
    oversized: bool,
    name: String,
    data: String,
    has_data: bool,
    id: Option<String>,
    retry_ms: Option<u64>,
}

impl SseParser {
    /// A parser that throws events of more than `max_event_bytes` away.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes,
            line: Vec::new(),
            after_cr: false,
            at_start: true,
            oversized: false,
            name: String::new(),
            data: String::new(),
            has_data: false,
            id: None,
            retry_ms: None,
        }
    }

    /// The time that the server last asked to wait before connecting again, in milliseconds.
    pub fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    /// Takes the next bytes, and gives the events that they complete.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<Result<SseEvent, Oversized>> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while let Some((&first, _)) = rest.split_first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.append(text);
            rest = after;
            if let Some((&ending, after)) = rest.split_first() {
                self.after_cr = ending == b'\r';
                rest = after;
                events.extend(self.end_line());
            }
        }
        events
    }

    /// Adds to the line that is being read, as long as the event stays within the limit.
    fn append(&mut self, text: &[u8]) {
        if self.line.len() + self.data.len() + text.len() > self.max_event_bytes {
            self.oversized = true;
            // A line that was cut must not be taken for the empty one that ends an event.
            self.line.clear();
            self.line.push(b':');
            self.data.clear();
        } else {
            self.line.extend_from_slice(text);
        }
    }

    fn end_line(&mut self) -> Option<Result<SseEvent, Oversized>> {
        let bytes = std::mem::take(&mut self.line);
        let mut line = bytes.as_slice();
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        let event = if line.is_empty() {
            self.dispatch()
        } else {
            self.field(&String::from_utf8_lossy(line));
            None
        };
        // Keep the allocation for the next line, unless it was an unusually long one.
        if bytes.capacity() <= 64 * 1024 {
            self.line = bytes;
            self.line.clear();
        }
        event
    }

    fn dispatch(&mut self) -> Option<Result<SseEvent, Oversized>> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        let id = self.id.take();
        let has_data = std::mem::take(&mut self.has_data);
        if std::mem::take(&mut self.oversized) {
            return Some(Err(Oversized { limit: self.max_event_bytes }));
        }
        let name = if name.is_empty() { "message".to_owned() } else { name };
        has_data.then_some(Ok(SseEvent { name, data, id }))
    }

    fn field(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry_ms = value.parse().ok();
            }
            // Comments have an empty field name; unknown fields are ignored.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(name: &str, data: &str, id: Option<&str>) -> Result<SseEvent, Oversized> {
        Ok(SseEvent { name: name.into(), data: data.into(), id: id.map(Into::into) })
    }

    fn read_all(bytes: &[u8]) -> Vec<Result<SseEvent, Oversized>> {
        SseParser::new(1_000).read(bytes)
    }

    #[test]
    fn fields_comments_and_several_lines_of_data() {
        let stream =
            ": hello\nevent: issue\nid: 7\ndata: {\"a\":\ndata:1}\nunknown: x\n\ndata\n\nevent: nothing\n\n";
        assert_eq!(
            read_all(stream.as_bytes()),
            [event("issue", "{\"a\":\n1}", Some("7")), event("message", "", None)]
        );
    }

    #[test]
    fn every_line_ending_and_a_byte_order_mark() {
        let expected = [event("message", "1", None), event("message", "2", None)];
        for ending in ["\n", "\r", "\r\n"] {
            let stream = format!("\u{feff}data: 1{ending}{ending}data:2{ending}{ending}");
            assert_eq!(read_all(stream.as_bytes()), expected, "{ending:?}");
        }
    }

    #[test]
    fn only_one_space_is_taken_and_an_unfinished_event_waits() {
        let mut parser = SseParser::new(100);
        assert_eq!(parser.read(b"data:  two spaces\n"), []);
        assert_eq!(parser.read(b"\n"), [event("message", " two spaces", None)]);
    }

    #[test]
    fn retry_is_digits_and_ids_without_null() {
        let mut parser = SseParser::new(100);
        let events = parser.read(b"retry: 1500\nretry: soon\nid: a\0b\ndata: x\n\n");
        assert_eq!(events, [event("message", "x", None)]);
        assert_eq!(parser.retry_ms(), Some(1_500));
    }

    #[test]
    fn an_event_beyond_the_limit_is_thrown_away_and_the_next_one_read() {
        let mut parser = SseParser::new(100);
        let mut events = Vec::new();
        events.extend(parser.read(b"event: issue\ndata: "));
        for _ in 0..1_000 {
            events.extend(parser.read(&[b'x'; 100]));
            assert!(parser.line.capacity() + parser.data.capacity() < 1_000, "memory stays bounded");
        }
        events.extend(parser.read(b"\ndata: more\n\nevent: issue\ndata: ok\n\n"));
        assert_eq!(events, [Err(Oversized { limit: 100 }), event("issue", "ok", None)]);
        // Many short lines count together.
        let many = "data: 0123456789\n".repeat(20) + "\ndata: ok\n\n";
        assert_eq!(
            parser.read(many.as_bytes()),
            [Err(Oversized { limit: 100 }), event("message", "ok", None)]
        );
    }

    #[test]
    fn bytes_that_are_no_text_spoil_only_themselves() {
        let events = read_all(b"data: \xff\xfe\n\ndata: ok\n\n");
        assert_eq!(events, [event("message", "\u{fffd}\u{fffd}", None), event("message", "ok", None)]);
    }

    proptest! {
        #[test]
        fn the_borders_of_chunks_do_not_matter(
            stream in "(data: [a-z:府]{0,5}(\r\n|\n|\r)|event: x(\r\n|\n|\r)|id: 1(\r\n|\n|\r)|:c(\r\n|\n|\r)|(\r\n|\n|\r)){0,20}",
            cuts in proptest::collection::vec(0usize..200, 0..20),
        ) {
            let whole = read_all(stream.as_bytes());
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (stream.len() + 1)).collect();
            cuts.sort_unstable();
            let mut parser = SseParser::new(1_000);
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([stream.len()]) {
                pieces.extend(parser.read(&stream.as_bytes()[from..cut]));
                from = cut;
            }
            prop_assert_eq!(whole, pieces);
        }
    }
}
