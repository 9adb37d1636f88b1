//! The document as a page to read: plain HTML without a script.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The page has its own style and loads nothing.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
                     h2{margin-top:2.5rem;border-bottom:1px solid #bbb}h3{margin:2rem 0 .3rem}code{background:#eee;padding:0 .2em}\
                     table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;\
                     border-bottom:1px solid #ddd}.m{font-weight:bold;text-transform:uppercase}@media(prefers-color-scheme:dark)\
                     {body{background:#111;color:#ddd}code{background:#333}td,th{border-color:#333}a{color:#8bf}}";

/// The whole page.
pub(super) fn page(document: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">",
    );
    let info = &document["info"];
    // Writing to a text does not fail.
    let _written = write!(
        html,
        "<title>{0}</title><style>{STYLE}</style><h1>{0} {1}</h1><p>{2}</p><p>For programs: <a href=\"/openapi.json\">openapi.json</a></p>",
        text(&info["title"]),
        text(&info["version"]),
        text(&info["description"]),
    );
    let none = Map::new();
    let operations: Vec<(&String, &String, &Value)> = document["paths"]
        .as_object()
        .unwrap_or(&none)
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap_or(&none).iter().map(move |(method, one)| (path, method, one))
        })
        .collect();
    let mut tags: Vec<&Value> = operations.iter().map(|(_, _, one)| &one["tags"][0]).collect();
    tags.sort_unstable_by_key(|tag| tag.as_str());
    tags.dedup();
    for tag in tags {
        let _written = write!(html, "<h2>{}</h2>", text(tag));
        for (path, method, one) in operations.iter().filter(|(_, _, one)| one["tags"][0] == *tag) {
            operation(&mut html, path, method, one);
        }
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap_or(&none) {
        let _written = write!(html, "<h3 id=\"{0}\">{0}</h3>", escaped(name));
        shape(&mut html, schema);
    }
    html.push_str("</html>");
    html
}

fn operation(html: &mut String, path: &str, method: &str, operation: &Value) {
    let _written = write!(
        html,
        "<h3><span class=\"m\">{}</span> <code>{}</code></h3><p>{}</p>",
        escaped(method),
        escaped(path),
        text(&operation["summary"])
    );
    let parameters = list(&operation["parameters"]);
    let content = operation["requestBody"]["content"].as_object();
    if !parameters.is_empty() || content.is_some() {
        html.push_str("<table><tr><th>takes<th>in<th>what");
        for parameter in parameters {
            let _written = write!(
                html,
                "<tr><td><code>{}</code>{}<td>{}<td>{} {}",
                text(&parameter["name"]),
                if parameter["required"] == true { " *" } else { "" },
                text(&parameter["in"]),
                text(&parameter["description"]),
                kind(&parameter["schema"]),
            );
        }
        for (media_type, body) in content.into_iter().flatten() {
            let _written =
                write!(html, "<tr><td>{} *<td>body<td>{}", escaped(media_type), kind(&body["schema"]));
        }
        html.push_str("</table>");
    }
    html.push_str("<table><tr><th>answers<th>what<th>as");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let _written = write!(html, "<tr><td>{}<td>{}<td>", escaped(status), text(&answer["description"]));
        for (media_type, body) in answer["content"].as_object().into_iter().flatten() {
            let _written = write!(html, "{} {} ", escaped(media_type), kind(&body["schema"]));
        }
    }
    html.push_str("</table>");
}

fn shape(html: &mut String, schema: &Value) {
    let _written = write!(html, "<p>{}</p>", text(&schema["description"]));
    let Some(properties) = schema["properties"].as_object() else {
        let _written = write!(html, "<p>{}</p>", kind(schema));
        return;
    };
    let required = list(&schema["required"]);
    html.push_str("<table>");
    for (name, member) in properties {
        let _written = write!(
            html,
            "<tr><td><code>{}</code>{}<td>{}<td>{}",
            escaped(name),
            if required.iter().any(|one| *one == name.as_str()) { " *" } else { "" },
            kind(member),
            text(&member["description"]),
        );
    }
    html.push_str("</table>");
}

/// What a schema says, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escaped(name));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| format!("<code>{}</code>", text(word))).collect::<Vec<_>>().join(" ");
    }
    for (name, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(parts) = schema[name].as_array() {
            return parts.iter().map(kind).collect::<Vec<_>>().join(between);
        }
    }
    let is_list = schema["type"] == "array";
    match (&schema["type"], &schema["format"]) {
        _ if is_list => format!("list of {}", kind(&schema["items"])),
        (Value::String(kind), Value::String(format)) => format!("{} ({})", escaped(kind), escaped(format)),
        (Value::String(kind), _) => escaped(kind),
        (Value::Array(kinds), _) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
