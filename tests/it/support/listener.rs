//! A WebSocket client.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use hyper::header::COOKIE;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::caller::Caller;
use super::soon;

pub struct Listener {
    pub stream: WebSocketStream<TcpStream>,
    /// Events of the live protocol from a frame with several, which were not returned yet.
    waiting: VecDeque<Value>,
}

/// The subprotocol with typed events.
pub const LIVE: (&str, &str) = ("sec-websocket-protocol", "chinwag.v1");

impl Listener {
    /// Opens `/ws` as this caller, with its cookie and headers; the error is the server's refusal.
    pub async fn open(caller: &Caller) -> Result<Self, Response> {
        Self::open_at(caller, "/ws").await
    }

    pub async fn open_at(caller: &Caller, path: &str) -> Result<Self, Response> {
        Self::open_on(TcpStream::connect(caller.address).await.unwrap(), caller, path).await
    }

    /// Opens it on a connection with special settings.
    pub async fn open_on(stream: TcpStream, caller: &Caller, path: &str) -> Result<Self, Response> {
        let mut request = format!("ws://{}{path}", caller.address).into_client_request().unwrap();
        for (name, value) in &caller.headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        if let Some(cookie) = &caller.cookie {
            request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
        }
        match soon("the handshake", tokio_tungstenite::client_async(request, stream)).await {
            Ok((stream, _)) => Ok(Self { stream, waiting: VecDeque::new() }),
            Err(Error::Http(answer)) => Err(answer.map(|_| None)),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next text frame; pings are answered and skipped.
    pub async fn next(&mut self) -> String {
        soon("a frame", async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return text.to_string(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("no frame but {other:?}"),
                }
            }
        })
        .await
    }

    /// Opens it for the live protocol, with this query; also returns the server's `hello`.
    pub async fn live(caller: &Caller, query: &str) -> (Self, Value) {
        let caller = caller.with(LIVE.0, LIVE.1);
        let opened = Self::open_at(&caller, &format!("/ws{query}")).await;
        let mut listener = opened.unwrap_or_else(|answer| panic!("refused: {}", answer.status()));
        let hello = listener.next_event().await;
        assert_eq!(hello["type"], "hello");
        (listener, hello)
    }

    /// The next event of the live protocol, from a frame with one or several events.
    pub async fn next_event(&mut self) -> Value {
        if self.waiting.is_empty() {
            let events = self.next_frame().await;
            self.waiting.extend(events);
        }
        self.waiting.pop_front().expect("no frame is empty")
    }

    /// The events of the next frame of the live protocol.
    pub async fn next_frame(&mut self) -> Vec<Value> {
        match serde_json::from_str(&self.next().await).unwrap() {
            Value::Array(events) => events,
            event => vec![event],
        }
    }

    /// The id of the message in the next frame.
    pub async fn next_id(&mut self) -> i64 {
        let frame: Value = serde_json::from_str(&self.next().await).unwrap();
        frame["message"].as_str().expect("the id is a string").parse().unwrap()
    }

    pub async fn say(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// Waits for the end; returns the server's close frame, if there was one.
    pub async fn end(mut self) -> Option<CloseFrame> {
        soon("the socket ends", async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Close(frame))) => return frame,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        })
        .await
    }
}
