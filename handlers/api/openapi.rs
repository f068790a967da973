//! `GET /api/v1/openapi.json`: the interface described for tools, generated from the handlers.

use std::sync::LazyLock;

use tokio::task::spawn_blocking;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};

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
    modifiers(&Login),
    security(("session" = [])),
)]
struct Description;

struct Login;

impl utoipa::Modify for Login {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("sessionid")));
        description.components.get_or_insert_default().add_security_scheme("session", cookie);
    }
}

/// Put together once, since it is much; off the async threads, since it takes milliseconds.
pub static DESCRIPTION: LazyLock<OpenApi> = LazyLock::new(<Description as utoipa::OpenApi>::openapi);

async fn handle(_: Cx) -> Result<Response, Problem> {
    let description = spawn_blocking(|| &*DESCRIPTION).await.map_err(|_| Problem::internal())?;
    Ok(json(StatusCode::OK, description))
}
