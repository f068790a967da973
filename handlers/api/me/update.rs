//! `PATCH /api/v1/me/`: changes one's profile and what one hides.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::profile::{self, Update};
use crate::actions::{FieldCode, FieldError, FieldErrors};
use crate::app::App;
use crate::web::input::NotText;
use crate::web::route::{IntoRoute, PATCH};
use crate::web::{Body, Cx, Fields, Problem, Route, body, json, patch};
use crate::wire::MeState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "me").and(patch(app)).and(body()).then(handle).route(PATCH, "/api/v1/me/")
}

/// What is to change. What is left out stays as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct MeInput {
    /// At most 64 characters, none of them invisible; empty or null for none.
    display_name: Option<String>,
    /// At most 140 characters.
    about: Option<String>,
    /// Whether others do not see that one is online or when one last was; one does not see it of them either.
    hides_presence: Option<bool>,
    /// Whether others do not see that one is typing; one does not see it of them either.
    hides_typing: Option<bool>,
    /// Whether others do not see how far one has read; one does not see it of them either.
    hides_receipts: Option<bool>,
}

/// Changes one's profile and what one hides.
///
/// Everyone one shares a conversation with is notified of a changed profile.
#[utoipa::path(patch, path = "/api/v1/me/", operation_id = "update_me", tag = "Me",
    request_body = MeInput,
    responses(
        (status = 200, description = "The account as it is now.", body = MeState),
        (status = 400, description = "A field is not valid.", body = super::super::InputProblem),
        (status = 429, description = "Changed too often; wait as `Retry-After` says.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let update = update(body.fields(&cx).await?)?;
    let account = profile::update(&cx.app, me.user.id, update).await?.ok_or_else(Problem::signed_out)?;
    Ok(json(StatusCode::OK, &MeState::from(&account)))
}

fn update(mut fields: Fields) -> Result<Update, Problem> {
    let mut errors = FieldErrors::new();
    let mut text = |name: &'static str| match fields.take(name)? {
        Ok(text) => Some(text),
        Err(NotText::Null) => Some(String::new()),
        Err(_) => {
            errors.push(FieldError::new(name, FieldCode::NotText, "This must be text."));
            None
        }
    };
    let (display_name, about) = (text("display_name"), text("about"));
    let mut flag = |name: &'static str| match fields.take_flag(name)? {
        Ok(flag) => Some(flag),
        Err(_) => {
            errors.push(FieldError::new(name, FieldCode::NotAFlag, "This must be true or false."));
            None
        }
    };
    let update = Update {
        display_name,
        about,
        hides_presence: flag("hides_presence"),
        hides_typing: flag("hides_typing"),
        hides_receipts: flag("hides_receipts"),
    };
    if errors.is_empty() { Ok(update) } else { Err(Problem::fields(errors)) }
}
