//! How a handler becomes a route, and routes become the site. Path, then method, then context: after these a route
//! always answers itself, so no other route can answer in its place.

use std::sync::Arc;

use warp::filters::BoxedFilter;
use warp::http::Method;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::cx::Cx;
use super::input::Body;
use super::problem::Problem;
use super::request::RequestInfo;
use crate::app::App;

/// One route: its methods and path, and the filter that answers.
pub struct Route {
    pub methods: &'static [Method],
    /// The path with `{}` for what varies, as shown in logs; `{*}` at the end stands for any rest.
    pub pattern: &'static str,
    filter: BoxedFilter<(Response,)>,
}

/// The pattern of the route that gave an answer, for the log.
#[derive(Clone, Copy)]
pub struct Matched(pub &'static str);

/// Turns a finished filter into a [`Route`]. Its type ends here, which keeps compile times and depth flat.
pub trait IntoRoute {
    fn route(self, methods: &'static [Method], pattern: &'static str) -> Route;
}

impl<F, R> IntoRoute for F
where
    F: Filter<Extract = (Result<R, Problem>,), Error = Rejection> + Clone + Send + Sync + 'static,
    R: Reply + 'static,
{
    fn route(self, methods: &'static [Method], pattern: &'static str) -> Route {
        let label = move |result: Result<R, Problem>| {
            let mut response = match result {
                Ok(reply) => reply.into_response(),
                Err(problem) => problem.into_response(),
            };
            response.extensions_mut().insert(Matched(pattern));
            response
        };
        Route { methods, pattern, filter: self.map(label).boxed() }
    }
}

/// Methods of a route that reads.
pub const GET: &[Method] = &[Method::GET, Method::HEAD];
/// Methods of a route that changes something.
pub const POST: &[Method] = &[Method::POST];

/// Method of a route that changes a part of something.
pub const PATCH: &[Method] = &[Method::PATCH];
/// Method of a route that sets something.
pub const PUT: &[Method] = &[Method::PUT];
/// Method of a route that takes something away.
pub const DELETE: &[Method] = &[Method::DELETE];

/// Matches GET and HEAD and gives the context.
pub fn get(app: &App) -> impl Filter<Extract = (Cx,), Error = Rejection> + Clone + use<> {
    warp::get().or(warp::head()).unify().and(any(app))
}

/// Matches POST and gives the context.
pub fn post(app: &App) -> impl Filter<Extract = (Cx,), Error = Rejection> + Clone + use<> {
    warp::post().and(any(app))
}

/// Matches PATCH and gives the context.
pub fn patch(app: &App) -> impl Filter<Extract = (Cx,), Error = Rejection> + Clone + use<> {
    warp::patch().and(any(app))
}

/// Matches PUT and gives the context.
pub fn put(app: &App) -> impl Filter<Extract = (Cx,), Error = Rejection> + Clone + use<> {
    warp::put().and(any(app))
}

/// Matches DELETE and gives the context.
pub fn delete(app: &App) -> impl Filter<Extract = (Cx,), Error = Rejection> + Clone + use<> {
    warp::delete().and(any(app))
}

/// Matches any method and gives the context.
pub fn any(app: &App) -> impl Filter<Extract = (Cx,), Error = Rejection> + Clone + use<> {
    let app = app.clone();
    warp::ext::get::<Arc<RequestInfo>>().map(move |request| Cx { app: app.clone(), request })
}

/// Gives the body, unread.
pub fn body() -> impl Filter<Extract = (Body,), Error = Rejection> + Clone {
    warp::body::stream().map(Body::new)
}

/// All routes as one filter that answers every request.
pub fn site(app: &App, routes: Vec<Route>) -> BoxedFilter<(Response,)> {
    let known: Arc<[_]> = routes.iter().map(|route| (route.pattern, route.methods)).collect();
    let mut routes: Vec<_> = routes.into_iter().map(|route| route.filter).collect();
    let unmatched = any(app).then(move |cx| no_route(cx, Arc::clone(&known)));
    // The first route, the most frequent, is outside the tree: each level of it costs an allocation.
    let first = routes.remove(0);
    first.or(one_of(routes)).unify().or(unmatched.boxed()).unify().boxed()
}

/// The routes as a balanced tree: a linear chain overflows the compiler's or the thread's stack as it grows.
fn one_of(mut routes: Vec<BoxedFilter<(Response,)>>) -> BoxedFilter<(Response,)> {
    match routes.len() {
        1 => routes.remove(0),
        count => {
            let later = routes.split_off(count / 2);
            one_of(routes).or(one_of(later)).unify().boxed()
        }
    }
}

/// The answer to a request no route took: an unknown path, or a known one with another method.
async fn no_route(cx: Cx, known: Arc<[(&'static str, &'static [Method])]>) -> Response {
    let path = &cx.request.path;
    let fitting = || known.iter().filter(|(pattern, _)| fits(pattern, path));
    let Some((pattern, _)) = fitting().next() else { return Problem::not_found().into_response() };
    // Without a login the original reveals nothing of its API, not even the allowed methods.
    if pattern.starts_with("/api/v1/")
        && let Err(problem) = cx.signed_in().await
    {
        return problem.into_response();
    }
    let mut allow: Vec<Method> = fitting().flat_map(|(_, methods)| methods.iter().cloned()).collect();
    allow.push(Method::OPTIONS);
    let mut response = Problem::method_not_allowed(&allow).into_response();
    response.extensions_mut().insert(Matched(pattern));
    response
}

/// Whether a path is one the pattern stands for, with or without its last slash.
fn fits(pattern: &str, path: &str) -> bool {
    if let Some(beginning) = pattern.strip_suffix("{*}") {
        return path.starts_with(beginning);
    }
    let mut wanted = pattern.trim_end_matches('/').split('/');
    let mut found = path.strip_suffix('/').unwrap_or(path).split('/');
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some("{}"), Some(segment)) if !segment.is_empty() => {}
            (Some(wanted), Some(segment)) if wanted == segment => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_their_paths_only() {
        for (pattern, path) in [
            ("/", "/"),
            ("/login/", "/login"),
            ("/login/", "/login/"),
            ("/api/v1/message/{}/", "/api/v1/message/12"),
            ("/api/v1/message/{}/", "/api/v1/message/12/"),
            ("/static/{*}", "/static/a/b.css"),
        ] {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/", "/x"),
            ("/login/", "/login//"),
            ("/login/", "/login/x"),
            ("/api/v1/message/{}/", "/api/v1/message/"),
            ("/api/v1/message/{}/", "/api/v1/message/1/2"),
        ] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }
}
