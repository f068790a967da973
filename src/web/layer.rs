//! What every request and every answer goes through: the checks before any route, the form of problems, headers, the
//! log. Knows no route.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use futures_util::FutureExt;
use hyper::body::Incoming;
use tower_service::Service;
use tracing::Instrument;
use warp::filters::BoxedFilter;
use warp::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use warp::http::{Method, Request, StatusCode};
use warp::reply::{Reply, Response};

use super::problem::Problem;
use super::request::{Connection, RequestInfo};
use super::route::{self, Matched, Route};
use crate::app::App;
use crate::assets;

/// Only our own files may be loaded, run or connected to; text cannot become script (W3C CSP 3, Trusted Types), but for
/// the one path of `public/js/lib/shell.js`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types worker";

/// The headers of every answer, built once: copying a map is cheaper than inserting each header again.
static COMMON: LazyLock<HeaderMap> = LazyLock::new(|| {
    let common = [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("cache-control", "no-store"),
        // An answer without it is not ours: a proxy's own page, or a portal's.
        ("chinwag-version", assets::VERSION),
    ];
    common.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).into_iter().collect()
});

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Two years (the length browsers ask for before they build it in).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Requested from inside the data centre, where there is no HTTPS.
const WITHOUT_HTTPS: [&str; 2] = ["/healthz", "/readyz"];

/// The site as a service for whole requests.
#[derive(Clone)]
pub struct Site {
    app: App,
    routes: BoxedFilter<(Response,)>,
}

impl Site {
    pub fn new(app: App, routes: Vec<Route>) -> Self {
        let routes = route::site(&app, routes);
        Self { app, routes }
    }

    /// Answers a request; there is always an answer. (Not an `async fn`, whose future would hold the request beside
    /// what is made of it.)
    pub fn respond(
        self: Arc<Self>,
        connection: Connection,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response> {
        let start = Instant::now();
        let (mut head, body) = request.into_parts();
        let (info, valid) = RequestInfo::read(&self.app.config, connection, &mut head);
        let info = Arc::new(info);
        head.extensions.insert(Arc::clone(&info));
        let span = tracing::info_span!("request", id = %info.id);
        let admitted = valid.and_then(|()| self.check_request(&info));
        let answering = admitted.map(|()| warp::service(self.routes.clone()).call(Request::from_parts(head, body)));
        async move {
            let response = match answering {
                Ok(answering) => match AssertUnwindSafe(answering).catch_unwind().await {
                    Ok(Ok(response)) => response,
                    // The panic hook has logged where.
                    Err(_) => Problem::internal().into_response(),
                },
                Err(problem) => problem.into_response(),
            };
            let response = self.apply_response_headers(&info, response);
            let route = response.extensions().get::<Matched>().map_or("-", |matched| matched.0);
            let (status, ms) = (response.status().as_u16(), start.elapsed().as_secs_f64() * 1e3);
            tracing::info!(method = %info.method, route, status, ms = (ms * 100.0).round() / 100.0, "answered");
            response
        }
        .instrument(span)
    }

    /// The checks before any route.
    fn check_request(&self, request: &RequestInfo) -> Result<(), Problem> {
        if self.app.config.force_https && !request.secure && !WITHOUT_HTTPS.contains(&request.path.as_str()) {
            return Err(Problem::use_https(request));
        }
        let reads = matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !reads && !request.provenance().may_change(&request.origin) {
            return Err(Problem::cross_site());
        }
        Ok(())
    }

    /// Renders a problem and adds the headers every answer has.
    fn apply_response_headers(&self, request: &RequestInfo, mut response: Response) -> Response {
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let matched = response.extensions_mut().remove::<Matched>();
            response = problem.render(request, &self.app.views);
            matched.map(|matched| response.extensions_mut().insert(matched));
        }
        if request.method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
            *response.status_mut() = StatusCode::NO_CONTENT;
            *response.body_mut() = Default::default();
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        let said = std::mem::replace(response.headers_mut(), COMMON.clone());
        let headers = response.headers_mut();
        // The route's own headers win; they may be stricter.
        headers.extend(said);
        if request.secure {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        if let Ok(id) = HeaderValue::from_str(&request.id) {
            headers.insert(&REQUEST_ID, id);
        }
        if let Some(cookie) = request.set_cookie.get()
            && !headers.contains_key(header::SET_COOKIE)
        {
            headers.insert(header::SET_COOKIE, cookie.clone());
        }
        response
    }
}
