//! What a handler may know: the app, the request, and (when it asks) who is logged in.

use std::sync::Arc;

use serde::Serialize;
use warp::http::HeaderValue;
use warp::reply::Response;

use super::problem::Problem;
use super::query::Query;
use super::request::RequestInfo;
use crate::actions::account::Visitor;
use crate::app::App;
use crate::auth::token::{LIFETIME, RENEW_AFTER};
use crate::model::User;
use crate::store::Session;

/// As much as is kept of what a browser calls itself, in characters.
const LONGEST_DEVICE: usize = 256;

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

impl Cx {
    /// Who is logged in; anyone else is shown the way to the login.
    pub async fn signed_in(&self) -> Result<Me, Problem> {
        self.session().await?.ok_or_else(Problem::signed_out)
    }

    /// The login the request shows, if it has not ended. One that is used lasts on.
    pub async fn session(&self) -> Result<Option<Me>, Problem> {
        let Some(token) = self.request.token() else { return Ok(None) };
        let now = self.app.clock.now();
        let Some(session) = self.app.store.session(token.key(), now).await? else { return Ok(None) };
        if now.since(session.renewed_at) > RENEW_AFTER {
            self.app.store.renew_session(session.key, now.after(LIFETIME)).await?;
            let cookie = token.cookie(self.request.secure);
            let cookie = HeaderValue::from_str(&cookie).expect("a cookie of ours is visible ASCII");
            // Whoever asks twice sets the same cookie.
            let _ = self.request.set_cookie.set(cookie);
        }
        Ok(Some(Me { user: session.user.clone(), session }))
    }

    /// Where the request comes from, for those who want to be let in.
    pub fn visitor(&self) -> Visitor {
        let device = self.request.header(warp::http::header::USER_AGENT).unwrap_or_default();
        Visitor { address: self.request.client, device: device.chars().take(LONGEST_DEVICE).collect() }
    }

    /// The request's query parameters.
    pub fn query(&self) -> Query {
        Query::parse(&self.request.query)
    }

    /// A page made of a template.
    pub fn page(&self, template: &str, values: &impl Serialize) -> Result<Response, Problem> {
        Ok(super::html(self.app.views.render(template, self.request.look(), values)?))
    }
}
