//! `GET /api/v1/sync/`: everything of one's own that changed after a revision, or the latest state to start from.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::app::App;
use crate::model::Revision;
use crate::store::{Changes, Cursor, Snapshot};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Me, Problem, Query, Route, get, json};
use crate::wire::{Frame, LatestState, MeState};

/// Changes on a page, and conversations in a snapshot, unless told.
const USUAL: usize = 100;
const CONVERSATIONS: usize = 30;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "sync").and(get(app)).then(handle).route(GET, "/api/v1/sync/")
}

/// What changed, in the order of changes, each in its current state.
#[derive(Serialize, ToSchema)]
pub struct ChangesJson<'c> {
    changes: Vec<Frame<'c>>,
    /// Everything up to here is in `changes` or was before.
    revision: i64,
    /// The history the revision belongs to.
    epoch: String,
    /// The following page, until one has caught up.
    next: Option<String>,
}

/// The latest state.
#[derive(Serialize, ToSchema)]
pub struct SnapshotJson<'c> {
    me: MeState,
    revision: i64,
    /// The history the revision belongs to.
    epoch: String,
    /// The latest conversations, newest first, and every pinned one.
    conversations: Vec<LatestState<'c>>,
    /// Whether there are older conversations.
    more: bool,
    /// Whether this came in the place of changes, because `since` is unknown here: forget what you had.
    resync: bool,
}

/// Everything of one's own that changed after a revision, or without `since` the latest state to start from.
#[utoipa::path(get, path = "/api/v1/sync/", tag = "Live",
    params(
        ("since" = Option<i64>, Query, description = "The revision one has caught up to."),
        ("epoch" = Option<String>, Query, description = "The history that revision belongs to."),
        ("limit" = Option<u8>, Query, description = "Changes on a page: 1 to 100; 100 unless told."),
    ),
    responses(
        (status = 200, description = "With `since` the changes, otherwise a snapshot.", body = ChangesJson),
        (status = 400, description = "A parameter is not valid.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query = cx.query();
    let limit = query.limit(USUAL)?;
    let Some(since) = since(&query)? else { return snapshot(&cx, &me, false).await };
    match cx.app.store.changes(me.user.id, since, limit).await? {
        Some(changes) => Ok(json(StatusCode::OK, &changes_json(&cx, &query, &changes))),
        None => snapshot(&cx, &me, true).await,
    }
}

fn since(query: &Query) -> Result<Option<Cursor>, Problem> {
    let wrong = || Problem::fields(vec![("since", "This must be a revision.".into())]);
    let Some(since) = query.get("since") else { return Ok(None) };
    let revision = since.parse().ok().filter(|since| *since >= 0).map(Revision).ok_or_else(wrong)?;
    Ok(Some(Cursor { revision, epoch: query.get("epoch").map(str::to_owned) }))
}

fn changes_json<'c>(cx: &Cx, query: &Query, changes: &'c Changes) -> ChangesJson<'c> {
    let next = changes.more.then(|| {
        let parameters = query.with(&[("since", Some(changes.upto.0.to_string()))]);
        format!("{}/api/v1/sync/?{parameters}", cx.request.origin)
    });
    let items = changes.items.iter();
    ChangesJson {
        changes: items.map(|(revision, item)| Frame::of_item(*revision, item)).collect(),
        revision: changes.upto.0,
        epoch: cx.app.store.epoch().to_owned(),
        next,
    }
}

async fn snapshot(cx: &Cx, me: &Me, resync: bool) -> Result<Response, Problem> {
    let store = &cx.app.store;
    let snapshot = store.snapshot(me.user.id, CONVERSATIONS).await?.ok_or_else(Problem::signed_out)?;
    let Snapshot { me, revision, conversations, more } = snapshot;
    let snapshot = SnapshotJson {
        me: MeState::from(&me),
        revision: revision.0,
        epoch: store.epoch().to_owned(),
        conversations: conversations.iter().map(LatestState::from).collect(),
        more,
        resync,
    };
    Ok(json(StatusCode::OK, &snapshot))
}
