//! What a handler may know: the app, the request, and (when it asks) who is logged in.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use warp::http::HeaderValue;
use warp::reply::Response;

use super::params;
use super::problem::Problem;
use super::query::Query;
use super::request::RequestInfo;
use crate::actions::account::Visitor;
use crate::app::App;
use crate::auth::token::{LIFETIME, RENEW_AFTER};
use crate::model::User;
use crate::store::Session;

/// Characters kept of a `User-Agent`.
const MAX_DEVICE: usize = 256;

/// The context of one request.
#[derive(Clone)]
pub struct Cx {
    pub app: App,
    pub request: Arc<RequestInfo>,
}

/// Someone who is logged in. Only [`Cx::signed_in`] makes one.
pub struct Me {
    pub user: User,
    pub session: Session,
}

impl Me {
    /// Refuses a request that is meant for someone else.
    pub fn must_be(&self, name: &str) -> Result<(), Problem> {
        if self.user.username.as_str() == name { Ok(()) } else { Err(Problem::other_person()) }
    }
}

impl Cx {
    /// The person who is logged in; anyone else is sent to the login.
    pub async fn signed_in(&self) -> Result<Me, Problem> {
        self.session().await?.ok_or_else(Problem::signed_out)
    }

    /// The login of the request, if it has not ended. Refused where the request is meant for someone else: a page of
    /// theirs is still open in a browser that has another login by now.
    pub async fn session(&self) -> Result<Option<Me>, Problem> {
        let Some(me) = self.any_session().await? else { return Ok(None) };
        if let Some(name) = self.request.named_person() {
            me.must_be(&name)?;
        }
        Ok(Some(me))
    }

    /// The login of the request, without a check for the person it is meant for. Using a login renews it.
    async fn any_session(&self) -> Result<Option<Me>, Problem> {
        let Some(token) = self.request.token() else { return Ok(None) };
        let now = self.app.clock.now();
        let Some(session) = self.app.store.session(token.key(), now).await? else { return Ok(None) };
        if now.since(session.renewed_at) > RENEW_AFTER {
            self.app.store.renew_session(session.key, now.after(LIFETIME)).await?;
            let cookie = token.cookie(self.request.secure);
            let cookie = HeaderValue::from_str(&cookie).expect("a cookie of ours is visible ASCII");
            // A second call sets the same cookie.
            let _ = self.request.set_cookie.set(cookie);
        }
        Ok(Some(Me { user: session.user.clone(), session }))
    }

    /// Where the request comes from, for login and sign-up.
    pub async fn visitor(&self) -> Result<Visitor, Problem> {
        let device = self.request.header(warp::http::header::USER_AGENT).unwrap_or_default();
        let login = self.any_session().await?.map(|me| (me.user.id, me.session.key));
        Ok(Visitor { address: self.request.client, device: device.chars().take(MAX_DEVICE).collect(), login })
    }

    /// The request's query parameters as a typed value.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        params::parse(&self.request.query)
    }

    /// The request's query parameters as they came.
    pub fn query(&self) -> Query {
        Query::parse(&self.request.query)
    }

    /// A page made of a template.
    pub fn page(&self, template: &str, values: &impl Serialize) -> Result<Response, Problem> {
        Ok(super::html(self.app.views.render(template, self.request.look(), values)?))
    }
}
