//! One answer, written as JSON or as XML: the standard's JSON follows from its XML by the Spark convention.
//!
//! A list is an array in JSON and an element around elements of one name in XML; nothing is `null` in JSON and an empty
//! element in XML. Both are UTF-8.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Map, Value};

/// In which of the two formats an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Xml,
}

impl Format {
    /// The name and the format of `name.json` or `name.xml`.
    pub(super) fn split(file: &str) -> Option<(&str, Self)> {
        match file.rsplit_once('.')? {
            (name, "json") => Some((name, Self::Json)),
            (name, "xml") => Some((name, Self::Xml)),
            _ => None,
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "text/xml; charset=utf-8",
        }
    }
}

/// A value that both formats can write.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Nothing,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Elements of one name.
    List(&'static str, Vec<Self>),
    /// Named members.
    Record(Vec<(&'static str, Self)>),
}

impl Node {
    /// A text without the characters that XML cannot carry.
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().chars().filter(|c| is_allowed(*c)).collect())
    }

    /// A text, or nothing.
    pub(super) fn optional(text: Option<impl AsRef<str>>) -> Self {
        text.map_or(Self::Nothing, Self::text)
    }

    /// The answer whose outermost element has this name.
    pub(super) fn answer(&self, root: &str, format: Format) -> Response {
        let body = match format {
            Format::Json => self.json().to_string(),
            Format::Xml => self.xml(root),
        };
        let headers = [(header::CONTENT_TYPE, format.media_type()), (header::CACHE_CONTROL, "no-store")];
        (headers, body).into_response()
    }

    fn json(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Flag(flag) => Value::from(*flag),
            Self::Integer(number) => Value::from(*number),
            Self::Number(number) => Value::from(*number),
            Self::Text(text) => Value::from(text.as_str()),
            Self::List(_, items) => items.iter().map(Self::json).collect(),
            Self::Record(members) => {
                let members = members.iter().map(|(name, value)| ((*name).to_owned(), value.json()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    fn xml(&self, root: &str) -> String {
        let mut writer = Writer::new(Vec::new());
        let declaration = Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None));
        // Writing to memory does not fail.
        let _written = writer.write_event(declaration).and_then(|()| self.write(root, &mut writer));
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn write(&self, name: &str, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let element = writer.create_element(name);
        let written = match self {
            Self::Nothing => element.write_text_content(BytesText::new("")),
            Self::Flag(flag) => {
                element.write_text_content(BytesText::new(if *flag { "true" } else { "false" }))
            }
            Self::Integer(number) => element.write_text_content(BytesText::new(&number.to_string())),
            Self::Number(number) => element.write_text_content(BytesText::new(&number.to_string())),
            Self::Text(text) => element.write_text_content(BytesText::new(text)),
            Self::List(item, items) => element
                .write_inner_content(|writer| items.iter().try_for_each(|each| each.write(item, writer))),
            Self::Record(members) => element.write_inner_content(|writer| {
                members.iter().try_for_each(|(name, value)| value.write(name, writer))
            }),
        };
        written.map(|_writer| ())
    }
}

/// The characters of XML 1.0; a carriage return would be read back as a line feed.
const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_in_both_formats() {
        let record = Node::Record(vec![
            ("id", Node::text("a<b>&\"'\u{0}\u{b}\r\n\u{fffe}]]>")),
            ("lat", Node::Number(28.5)),
            ("metadata", Node::Flag(true)),
            ("order", Node::Integer(1)),
            ("notice", Node::Nothing),
            ("values", Node::List("value", vec![])),
        ]);
        let list = Node::List("request", vec![record]);
        assert_eq!(
            list.json().to_string(),
            "[{\"id\":\"a<b>&\\\"'\\n]]>\",\"lat\":28.5,\"metadata\":true,\"notice\":null,\"order\":1,\"values\":[]}]"
        );
        let xml = list.xml("requests");
        assert!(
            xml.starts_with(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><requests><request><id>a&lt;b&gt;&amp;"
            )
        );
        assert!(xml.ends_with(
            "<lat>28.5</lat><metadata>true</metadata><order>1</order><notice></notice><values></values></request></requests>"
        ));
        let mut reader = quick_xml::Reader::from_str(&xml);
        let mut text = String::new();
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Eof => break,
                Event::Text(part) => text.push_str(&part.decode().expect("UTF-8")),
                Event::GeneralRef(entity) => match &*entity.decode().expect("UTF-8") {
                    "lt" => text.push('<'),
                    "gt" => text.push('>'),
                    "amp" => text.push('&'),
                    "quot" => text.push('"'),
                    "apos" => text.push('\''),
                    other => panic!("{other}"),
                },
                _ => {}
            }
        }
        assert_eq!(text, "a<b>&\"'\n]]>28.5true1");
    }

    #[test]
    fn formats_are_named_at_the_end() {
        assert_eq!(
            Format::split("GBT47678.5-2026-event-06010.xml"),
            Some(("GBT47678.5-2026-event-06010", Format::Xml))
        );
        assert_eq!(Format::split("1.json"), Some(("1", Format::Json)));
        assert_eq!(Format::split("1.html"), None);
        assert_eq!(Format::split("1"), None);
    }
}
