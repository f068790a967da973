//! The OpenAPI document: complete, and consistent with the real answers.

use std::collections::BTreeSet;

use hyper::Method;
use serde_json::Value;

use crate::support::{Caller, Server, Three, stored};

/// Operations that need a password or end logins, and have their own tests.
const ENDING: &[(&str, &str)] =
    &[("put", "/api/v1/me/password/"), ("delete", "/api/v1/session/{id}/"), ("delete", "/api/v1/me/")];

/// Operations that need another body than this test sends, or ask for something that does not exist, with their
/// refusal.
const OTHERWISE: [(&str, &str, u16); 3] =
    [("delete", "/api/v1/me/", 400), ("put", "/api/v1/me/avatar/", 415), ("get", "/api/v1/user/{name}/avatar/", 404)];

/// A described operation.
struct Operation<'d> {
    path: &'d str,
    method: &'d str,
    described: &'d Value,
}

impl Operation<'_> {
    fn is_one_of(&self, operations: &[(&str, &str)]) -> bool {
        operations.contains(&(self.method, self.path))
    }

    /// Calls it for this message, for its conversation, or for these people.
    async fn ask(&self, who: &Caller, message: &Value) -> u16 {
        let id = if self.path.contains("/conversation/") { &message["conversation"] } else { &message["id"] };
        // Nobody can write to a blocked person afterwards.
        let name = if self.path.contains("/block/") { "cy" } else { "bo" };
        let path = self.path.replace("{id}", &id.to_string()).replace("{name}", name);
        let body = r#"{"recipient":"bo","body":"hello","emoji":"👍"}"#;
        let method = Method::from_bytes(self.method.to_uppercase().as_bytes()).unwrap();
        let status = who.ask(method, &path, Some("application/json"), body.into()).await.status.as_u16();
        let described = &self.described["responses"][status.to_string()];
        assert!(described.is_object(), "{} {path}: {status} is not described", self.method);
        status
    }
}

fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = description["paths"].as_object().unwrap();
    let of_path = |(path, item)| {
        let item: &Value = item;
        let path: &String = path;
        item.as_object().unwrap().iter().map(move |(method, described)| Operation { path, method, described })
    };
    paths.iter().flat_map(of_path).collect()
}

async fn description(server: &Server) -> Value {
    let answer = server.stranger().get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

#[tokio::test]
async fn described_operations_exist_and_answer_as_described() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let description = description(&server).await;
    for operation in operations(&description) {
        let message = al.send("bo", "hello").await;
        let (method, path) = (operation.method, operation.path);
        let otherwise = OTHERWISE.iter().find(|(of, at, _)| (*of, *at) == (method, path));
        let expected = otherwise.map_or([200, 201, 204], |(.., refusal)| [*refusal; 3]);
        if !operation.is_one_of(ENDING) {
            let status = operation.ask(&al, &message).await;
            assert!(expected.contains(&status), "{method} {path}: {status}");
        }
        let status = operation.ask(&server.stranger(), &message).await;
        assert_eq!(status, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn every_operation_is_refused_when_someone_else_is_logged_in() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let message = al.send("bo", "hello").await;
    let description = description(&server).await;
    let before = stored::dump(&server);
    for name in ["bo", "AL", "", "%ff", "nobody"] {
        let page_of_another = al.with("chinwag-user", name);
        for operation in operations(&description) {
            let status = operation.ask(&page_of_another, &message).await;
            assert_eq!(status, 409, "{} {}", operation.method, operation.path);
        }
    }
    assert_eq!(stored::dump(&server), before);
}

#[tokio::test]
async fn the_description_is_well_formed() {
    let server = Server::start().await;
    let description = description(&server).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"), "{}", description["openapi"]);
    assert!(description["info"]["title"].is_string() && description["info"]["version"].is_string());
    // Every reference has a target.
    for reference in description.to_string().split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(description.pointer(pointer).is_some(), "{pointer}");
    }
    // Every operation has a unique name, and describes each of its responses.
    let operations = operations(&description);
    let ids: BTreeSet<&str> =
        operations.iter().map(|operation| operation.described["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    for Operation { method, path, described } in &operations {
        for (status, response) in described["responses"].as_object().unwrap() {
            let content = response["content"].as_object();
            let empty = ["204", "304"].contains(&status.as_str());
            assert_eq!(content.is_none(), empty, "{method} {path}: {status}");
            let forms = content.map(|forms| forms.keys().map(String::as_str).collect::<Vec<_>>()).unwrap_or_default();
            if status.starts_with('4') {
                assert_eq!(forms, ["application/json", "application/problem+json"], "{method} {path}: {status}");
            }
        }
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{method} {path}: {parameter}");
            let schema = &parameter["schema"];
            let bounds = [&schema["minimum"], &schema["maximum"], &schema["default"]];
            let bounded = ["limit", "wait"].contains(&parameter["name"].as_str().unwrap());
            assert!(!bounded || bounds.iter().all(|bound| bound.is_number()), "{method} {path}: {parameter}");
        }
    }
    let either = &description["paths"]["/api/v1/sync/"]["get"]["responses"]["200"]["content"]["application/json"];
    let either = description.pointer(either["schema"]["$ref"].as_str().unwrap().trim_start_matches('#')).unwrap();
    assert_eq!(either["oneOf"].as_array().unwrap().len(), 2, "changes or a snapshot");
    let cookies = description["components"]["securitySchemes"].as_object().unwrap();
    let cookies: Vec<_> = cookies.values().map(|cookie| cookie["name"].as_str().unwrap()).collect();
    assert_eq!(cookies, ["__Host-sessionid", "sessionid"]);
}

#[tokio::test]
async fn every_route_is_in_the_openapi_document_and_on_its_page() {
    let server = Server::start().await;
    let description = description(&server).await;
    for route in chinwag::handlers::all(&server.app) {
        // The path of one person is always refused, and the other two are the description itself.
        let excluded = ["/api/v1/user/{}/", "/api/v1/openapi.json", "/api/docs"].contains(&route.pattern);
        if excluded || !route.pattern.starts_with("/api/") {
            continue;
        }
        let named = ["/api/v1/user", "/api/v1/block"].iter().any(|beginning| route.pattern.starts_with(beginning));
        let path = route.pattern.replace("{}", if named { "{name}" } else { "{id}" });
        for method in route.methods.iter().filter(|method| *method != Method::HEAD) {
            let operation = &description["paths"][&path][method.as_str().to_lowercase()];
            assert!(operation.is_object(), "{method} {path}");
        }
    }
    let page = server.stranger().get("/api/docs").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for Operation { path, .. } in operations(&description) {
        // The template engine may escape braces and slashes; the last word of each path is on the page.
        let last = path.trim_matches('/').rsplit('/').find(|part| !part.starts_with('{')).unwrap();
        assert!(page.text().contains(last), "{path}");
    }
}
