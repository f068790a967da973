//! `GET /api/v1/openapi.json`: the interface described for programs (OpenAPI 3.1), made from the handlers themselves.

use std::sync::LazyLock;

use tokio::task::spawn_blocking;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response as Described, ResponseBuilder,
};
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::app::App;
use crate::web::problem::ProblemDetails;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};
use crate::wire::Frame;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "openapi.json").and(get(app)).then(handle).route(GET, "/api/v1/openapi.json")
}

/// The interface's description.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Chinwag",
        description = "Messages from person to person. Log in at `/login/`; the cookie `sessionid` (over HTTPS \
            `__Host-sessionid`) then says who you are. A WebSocket at `/ws` says `{\"message\": \"<id>\"}` for every \
            message you send or receive. With and without the last slash, paths are the same.",
    ),
    paths(
        super::root::handle,
        super::users::list::handle,
        super::messages::list::handle,
        super::messages::create::handle,
        super::messages::show::handle,
        super::messages::edit::handle,
        super::messages::delete::handle,
        super::messages::react::handle,
        super::messages::unreact::handle,
        super::messages::receipt::handle,
        super::conversations::list::handle,
        super::conversations::show::handle,
        super::conversations::messages::handle,
        super::conversations::update::handle,
        super::me::show::handle,
        super::blocks::set::handle,
        super::blocks::end::handle,
        super::sync::show::handle,
        super::users::avatar::handle,
        super::me::update::handle,
        super::me::delete::handle,
        super::me::set_avatar::handle,
        super::me::delete_avatar::handle,
        super::me::password::handle,
        super::sessions::list::handle,
        super::sessions::end::handle,
        super::sessions::end_others::handle,
    ),
    components(schemas(ProblemDetails, super::Detail, Frame)),
    modifiers(&Logins, &Common),
    security(("session" = []), ("secure_session" = [])),
)]
struct Description;

/// The cookies that say who is logged in.
struct Logins;

impl utoipa::Modify for Logins {
    fn modify(&self, description: &mut OpenApi) {
        let components = description.components.get_or_insert_default();
        for (name, cookie) in [("session", "sessionid"), ("secure_session", "__Host-sessionid")] {
            let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie)));
            components.add_security_scheme(name, scheme);
        }
    }
}

/// What all operations share: a header, the problems they may end in, and the second form of each problem.
struct Common;

impl utoipa::Modify for Common {
    fn modify(&self, description: &mut OpenApi) {
        let paths = description.paths.paths.values_mut();
        paths.flat_map(operations).for_each(|operation| {
            operation.parameters.get_or_insert_default().push(RefOr::T(chinwag_user()));
            describe_problems(operation);
        });
    }
}

/// Problems of every operation that needs a login.
const PROBLEMS: [(&str, &str); 3] = [
    ("403", "Nobody is logged in, or the request came from a page of another site."),
    ("409", "Someone else is logged in than the header `Chinwag-User` names."),
    ("503", "Busy; try again as `Retry-After` says."),
];

fn chinwag_user() -> Parameter {
    let parameter = ParameterBuilder::new().name("Chinwag-User").parameter_in(ParameterIn::Header);
    let description = "The user name, percent-encoded, of the person for whom the request is meant.";
    let text = ObjectBuilder::new().schema_type(Type::String);
    parameter.description(Some(description)).required(Required::False).schema(Some(text)).build()
}

fn operations(item: &mut utoipa::openapi::PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
    methods.into_iter().flatten()
}

fn describe_problems(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for (status, what) in PROBLEMS {
        match responses.get_mut(status) {
            Some(RefOr::T(own)) => own.description = format!("{} {what}", own.description),
            _ => drop(responses.insert(status.into(), RefOr::T(problem(what)))),
        }
    }
    for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
        if let RefOr::T(response) = response {
            let details = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails"))).build();
            response.content.insert("application/problem+json".into(), RefOr::T(details));
        }
    }
}

fn problem(description: &str) -> Described {
    let detail = ContentBuilder::new().schema(Some(Ref::from_schema_name("Detail"))).build();
    ResponseBuilder::new().description(description).content("application/json", detail).build()
}

/// Built once, because it is large; off the async threads, because it takes milliseconds.
pub static DESCRIPTION: LazyLock<OpenApi> = LazyLock::new(<Description as utoipa::OpenApi>::openapi);

async fn handle(_: Cx) -> Result<Response, Problem> {
    let description = spawn_blocking(|| &*DESCRIPTION).await.map_err(|_| Problem::internal())?;
    Ok(json(StatusCode::OK, description))
}
