//! `GET /api/v1/sync/`: everything of one's own that changed after a revision, or the latest state to start from.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::sync::{self, Answer};
use crate::app::App;
use crate::model::Revision;
use crate::store::{Changes, Cursor, Snapshot};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json, params};
use crate::wire::{Frame, LatestState, MeState};

/// Changes on a page, unless asked for otherwise.
const DEFAULT_LIMIT: usize = 100;

/// The longest wait for a change, in seconds: well below what proxies allow a request.
const MAX_WAIT: i64 = 25;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "sync").and(get(app)).then(handle).route(GET, "/api/v1/sync/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// The revision one has caught up to.
    #[param(minimum = 0)]
    since: Option<i64>,
    /// The history that revision belongs to.
    epoch: Option<String>,
    /// The most changes on a page.
    #[param(minimum = 1, maximum = 100, default = 100)]
    limit: Option<i64>,
    /// With `since`: how many seconds to wait for a change when there is none yet.
    #[param(minimum = 0, maximum = 25, default = 0)]
    wait: Option<i64>,
}

/// With `since` the changes, unless that is unknown here; a snapshot otherwise.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum SyncJson<'c> {
    Changes(ChangesJson<'c>),
    Snapshot(SnapshotJson<'c>),
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
    #[schema(required)]
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
///
/// With `wait` the answer comes as soon as something changes, or after so many seconds without changes (a long poll).
#[utoipa::path(get, path = "/api/v1/sync/", operation_id = "sync", tag = "Live",
    params(Params),
    responses(
        (status = 200, description = "Changes or a snapshot.", body = SyncJson),
        (status = 400, description = "A parameter is not valid.", body = super::super::InputProblem),
        (status = 429, description = "Too many sockets and waiting requests; wait as `Retry-After` says.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query: Params = cx.params()?;
    let limit = params::limit(query.limit, DEFAULT_LIMIT)?;
    let wait = params::in_range("wait", query.wait.unwrap_or(0), (0, MAX_WAIT))?;
    let Some(since) = query.since else {
        let snapshot = sync::snapshot(&cx.app, me.user.id).await?.ok_or_else(Problem::signed_out)?;
        return Ok(json(StatusCode::OK, &snapshot_json(&cx, &snapshot, false)));
    };
    let revision = Revision(params::in_range("since", since, (0, i64::MAX))?);
    let (since, wait) = (Cursor { revision, epoch: query.epoch }, Duration::from_secs(wait.unsigned_abs()));
    Ok(match sync::changes(&cx.app, &me.session, since, limit, wait).await?? {
        Answer::Changes(changes) => json(StatusCode::OK, &changes_json(&cx, &changes)),
        Answer::Resync(snapshot) => json(StatusCode::OK, &snapshot_json(&cx, &snapshot, true)),
        Answer::SignedOut => return Err(Problem::signed_out()),
    })
}

fn changes_json<'c>(cx: &Cx, changes: &'c Changes) -> SyncJson<'c> {
    let next = changes.more.then(|| {
        // A page may end after the epoch of the request, so its end belongs to the current one.
        let epoch = cx.app.store.epoch().to_owned();
        let parameters = cx.query().with(&[("epoch", Some(epoch)), ("since", Some(changes.upto.0.to_string()))]);
        format!("{}/api/v1/sync/?{parameters}", cx.request.origin)
    });
    let items = changes.items.iter();
    SyncJson::Changes(ChangesJson {
        changes: items.map(|(revision, item)| Frame::of_item(*revision, item)).collect(),
        revision: changes.upto.0,
        epoch: cx.app.store.epoch().to_owned(),
        next,
    })
}

fn snapshot_json<'c>(cx: &Cx, snapshot: &'c Snapshot, resync: bool) -> SyncJson<'c> {
    let Snapshot { me, revision, conversations, more } = snapshot;
    SyncJson::Snapshot(SnapshotJson {
        me: MeState::from(me),
        revision: revision.0,
        epoch: cx.app.store.epoch().to_owned(),
        conversations: conversations.iter().map(LatestState::from).collect(),
        more: *more,
        resync,
    })
}
