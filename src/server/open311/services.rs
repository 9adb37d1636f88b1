//! The classes of the place as services, and what a report of one may say beyond the standard's fields.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::App;
use super::super::problem::{ApiError, ApiResult};
use super::super::store::class_key;
use super::document::{Format, Node};
use super::split_file;
use crate::governance::ClassCode;
use crate::governance::classes::Class;

/// When something was found.
pub(super) const FOUND_AT: &str = "FOUND_AT";

/// `code,datatype,description,datatype_description`: what any report may say; none of it must be said.
static ATTRIBUTES: LazyLock<Vec<[String; 4]>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_bytes!("attributes.csv").as_slice());
    reader.deserialize().filter_map(Result::ok).collect()
});

/// `GET services.json` or `.xml`.
pub(super) fn list(app: &App, format: Format) -> Response {
    Node::List("service", app.rules.book.classes.iter().map(service).collect()).answer("services", format)
}

fn service(class: &Class) -> Node {
    Node::Record(vec![
        ("service_code", Node::text(class_key(&class.code))),
        ("service_name", Node::text(&class.name)),
        ("description", Node::text(&class.name)),
        ("metadata", Node::Flag(true)),
        ("type", Node::text("realtime")),
        ("keywords", Node::text(&class.group)),
        ("group", Node::text(&class.group)),
    ])
}

/// `GET services/{service_code}.json` or `.xml`.
pub(super) async fn definition(State(app): State<App>, Path(file): Path<String>) -> ApiResult<Response> {
    let (code, format) = split_file(&file)?;
    find(&app, code)?;
    let attributes = ATTRIBUTES.iter().zip(1..).map(|([code, datatype, description, example], order)| {
        Node::Record(vec![
            ("variable", Node::Flag(true)),
            ("code", Node::text(code)),
            ("datatype", Node::text(datatype)),
            ("required", Node::Flag(false)),
            ("datatype_description", Node::text(example)),
            ("order", Node::Integer(order)),
            ("description", Node::text(description)),
        ])
    });
    let definition = Node::Record(vec![
        ("service_code", Node::text(code)),
        ("attributes", Node::List("attribute", attributes.collect())),
    ]);
    Ok(definition.answer("service_definition", format))
}

/// The class with this service code.
pub(super) fn find<'a>(app: &'a App, service_code: &str) -> ApiResult<&'a Class> {
    let found = app.rules.book.classes.iter().find(|class| class_key(&class.code) == service_code);
    found.ok_or_else(|| ApiError::not_found(format!("service_code {service_code:?} was not found")))
}

/// What a class is called now: by the table, else as it was called.
pub(super) fn name<'a>(app: &'a App, code: &ClassCode, then: &'a str) -> &'a str {
    app.rules.book.classes.get(code).map_or(then, |class| &class.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_are_those_that_a_report_is_read_for() {
        let codes: Vec<&str> = ATTRIBUTES.iter().map(|[code, ..]| code.as_str()).collect();
        assert_eq!(codes, [FOUND_AT]);
    }
}
