//! `GET /api/docs`: the API description as a page for people.

use std::sync::LazyLock;

use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use warp::Filter;
use warp::reply::Response;

use super::openapi::DESCRIPTION;
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "docs").and(get(app)).then(handle).route(GET, "/api/docs")
}

/// What the page shows, built once, because it takes milliseconds.
static PAGE: LazyLock<Value> = LazyLock::new(|| {
    let description = serde_json::to_value(&*DESCRIPTION).expect("a description is plain JSON");
    let about = &description["info"];
    let info = json!({
        "title": about["title"],
        "version": about["version"],
        "description": text(&about["description"]),
    });
    json!({ "api": { "info": info, "paths": operations(&description) } })
});

async fn handle(cx: Cx) -> Result<Response, Problem> {
    let page = spawn_blocking(|| &*PAGE).await.map_err(|_| Problem::internal())?;
    cx.page("docs.html", page)
}

/// The operations one after the other, with just what the page shows.
fn operations(description: &Value) -> Vec<Value> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| methods.as_object().into_iter().flatten().map(move |m| operation(path, m)))
        .collect()
}

fn operation(path: &str, (method, operation): (&String, &Value)) -> Value {
    let entries = |value: &Value| value.as_object().cloned().into_iter().flatten().collect::<Vec<_>>();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let parameters: Vec<_> = parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter["name"],
                "in": parameter["in"],
                "required": parameter["required"].as_bool().unwrap_or(false),
                "description": text(&parameter["description"]),
                "type": type_of(&parameter["schema"]),
            })
        })
        .collect();
    let request: Vec<_> = entries(&operation["requestBody"]["content"])
        .into_iter()
        .map(|(media, content)| json!({ "media": media, "schema": type_of(&content["schema"]) }))
        .collect();
    let responses: Vec<_> = entries(&operation["responses"])
        .into_iter()
        .map(|(status, response)| json!({ "status": status, "description": text(&response["description"]) }))
        .collect();
    json!({
        "path": path,
        "method": method.to_uppercase(),
        "summary": text(&operation["summary"]),
        "description": text(&operation["description"]),
        "parameters": parameters,
        "request": request,
        "responses": responses,
    })
}

/// A description without its Markdown, of which we use only the marks for code.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('`', "")
}

/// A schema in a few words: its type, or the name of what it refers to.
fn type_of(schema: &Value) -> String {
    let named = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
    match (&schema["$ref"], &schema["type"]) {
        (Value::String(reference), _) => named(reference),
        (_, Value::String(name)) => name.clone(),
        (_, Value::Array(names)) => {
            names.iter().map(text).filter(|name| name != "null").collect::<Vec<_>>().join(" or ")
        }
        _ => String::new(),
    }
}
