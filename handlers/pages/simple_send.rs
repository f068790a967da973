//! `POST /simpleui/`: sends a message from the plain page. The form carries a key, so that submitting it twice sends
//! once; a refused form comes back with what was typed.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::forms::{ShownErrors, by_field};
use super::simple_page::{self, Composer};
use crate::actions::send::{Draft, SendError, send};
use crate::app::App;
use crate::web::route::{IntoRoute, POST};
use crate::web::{Body, Cx, Problem, Query, Route, body, post, redirect};

pub fn route(app: &App) -> Route {
    warp::path!("simpleui").and(post(app)).and(body()).then(handle).route(POST, "/simpleui/")
}

async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let typed = body.form(&cx).await?;
    // The form of a page that is still open for someone else.
    if let Some(name) = typed.get("user") {
        me.must_be(name)?;
    }
    let field = |name| typed.get(name).unwrap_or_default().to_owned();
    let client_key = typed.get("client_id").filter(|key| !key.is_empty()).map(str::to_owned);
    let draft = Draft {
        recipient: Some(field("recipient")),
        body: field("body"),
        client_key: client_key.clone(),
        ..Draft::default()
    };
    let error = match send(&cx.app, &me.user, draft).await {
        Ok(_) => return Ok(redirect(StatusCode::SEE_OTHER, &simple_page::path_to(field("recipient").trim()))),
        Err(error) => error,
    };
    let query = match error {
        SendError::NoSuchRecipient => Query::default(),
        _ => Query::parse(&Query::default().with(&[("target", Some(field("recipient")))])),
    };
    // The key was used for another message, so this text needs a new one.
    let client_id = client_key.filter(|_| !matches!(error, SendError::KeyReused));
    let (errors, problem) = match error {
        SendError::Fields(errors) => (by_field(errors.clone()), Problem::fields(errors)),
        other => {
            let problem = Problem::from(other);
            (ShownErrors::from([("form".into(), vec![problem.detail().into()])]), problem)
        }
    };
    let composer = Composer { body: field("body"), client_id, errors };
    let mut response = simple_page::show(&cx, &me.user, &query, composer).await?;
    problem.mark(&mut response);
    Ok(response)
}
