//! An HTTP client of the server: a separate connection for each request, and a cookie once it is logged in.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::listener::Listener;
use super::soon;

/// The password of every test account.
pub const PASSWORD: &str = "pw-x-long";

#[derive(Clone)]
pub struct Caller {
    pub address: SocketAddr,
    /// The user name, once signed up.
    pub name: String,
    /// `name=value` of the login's cookie.
    pub cookie: Option<String>,
    /// Headers sent with every request.
    pub headers: Vec<(&'static str, String)>,
}

/// The response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `name=value` of the cookie it sets, if any.
    pub fn cookie(&self) -> Option<String> {
        let set = self.headers.get(SET_COOKIE)?.to_str().unwrap();
        set.split(';').next().map(str::to_owned)
    }
}

impl Caller {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, name: String::new(), cookie: None, headers: Vec::new() }
    }

    /// The same caller with one more header.
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name, value.into()));
        caller
    }

    pub async fn sign_up(mut self, name: &str) -> Self {
        let email = format!("{name}@example.test");
        let fields = [("username", name), ("email", &email), ("password1", PASSWORD), ("password2", PASSWORD)];
        let answer = self.post_form("/signup/", &fields).await.expect(302);
        self.cookie = answer.cookie();
        self.name = name.to_owned();
        self
    }

    /// Logs in with the password of every test account.
    pub async fn log_in(mut self, name: &str) -> Self {
        let answer = self.post_form("/login/", &[("username", name), ("password", PASSWORD)]).await.expect(302);
        self.cookie = answer.cookie();
        self.name = name.to_owned();
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, Bytes::new()).await
    }

    pub async fn post_json(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.ask(Method::POST, path, Some("application/json"), body.into()).await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(Method::POST, path, Some("application/x-www-form-urlencoded"), body.into()).await
    }

    /// Sends a message and returns it as the server stored it.
    pub async fn send(&self, recipient: &str, body: &str) -> Value {
        let message = json!({ "recipient": recipient, "body": body });
        self.post_json("/api/v1/message/", message.to_string()).await.expect(201).json()
    }

    /// The conversation with someone, by its id.
    pub async fn conversation(&self, with: &str) -> Answer {
        self.get(&self.conversation_path(with).await).await
    }

    /// A part of the conversation with someone.
    pub async fn range(&self, with: &str, query: &str) -> Answer {
        self.get(&format!("{}message/?{query}", self.conversation_path(with).await)).await
    }

    /// The path of the conversation with someone; a path without a conversation if there is none.
    pub async fn conversation_path(&self, with: &str) -> String {
        format!("/api/v1/conversation/{}/", self.conversation_id(with).await)
    }

    /// The id of the conversation with someone; 0, which is never used, if there is none.
    pub async fn conversation_id(&self, with: &str) -> i64 {
        let name: String = form_urlencoded::byte_serialize(with.as_bytes()).collect();
        let found = self.get(&format!("/api/v1/conversation/?with={name}")).await;
        found.json()["conversations"][0]["id"].as_i64().unwrap_or_default()
    }

    /// One request on a separate connection.
    pub async fn ask(&self, method: Method, path: &str, media: Option<&str>, body: Bytes) -> Answer {
        self.try_ask(method, path, media, body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The same for a server that may be stopping.
    pub async fn try_ask(
        &self,
        method: Method,
        path: &str,
        media: Option<&str>,
        body: Bytes,
    ) -> Result<Answer, Box<dyn std::error::Error>> {
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header(HOST, self.address.to_string());
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(media) = media {
            request = request.header(CONTENT_TYPE, media);
        }
        let request = request.body(Full::new(body)).unwrap();
        soon(path, async {
            let stream = TcpStream::connect(self.address).await?;
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Answer { status: head.status, headers: head.headers, body })
        })
        .await
    }

    /// Opens a WebSocket.
    pub async fn listen(&self) -> Listener {
        Listener::open(self).await.unwrap_or_else(|answer| panic!("refused: {}", answer.status()))
    }
}
