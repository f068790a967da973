//! What the machine could do at best, with the same libraries and nothing of ours: the floors beside every figure.

use std::convert::Infallible;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rusqlite::{Connection, params};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::stats::Spread;

/// As long as the answer to a send.
const ANSWER: &[u8] = br#"{"id":1234567,"user":"user17","recipient":"user18","timestamp":"2026-01-01T00:00:00.000000Z","body":"................................................................................................................................"}"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Floor {
    /// Bare hyper with a fixed answer
    Fixed,
    /// The same after a send's own rows and indexes are committed, with all that wait at once
    Plain,
    /// Bare tokio-tungstenite that echoes everything
    Echo,
}

/// Conversations that the plain floor writes in.
const CONVERSATIONS: i64 = 64;

type Row = (Bytes, oneshot::Sender<()>);

/// Serves until the process is ended.
pub async fn serve(floor: Floor, database: Option<PathBuf>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let rows = database.filter(|_| floor == Floor::Plain).map(|path| writer(&path));
    println!("Floor is ready at http://{}", listener.local_addr().expect("it is bound"));
    std::io::stdout().flush().expect("somebody reads");
    loop {
        let (stream, _) = listener.accept().await.expect("descriptors are left");
        let _ = stream.set_nodelay(true);
        if floor == Floor::Echo {
            tokio::spawn(echo(stream));
            continue;
        }
        let rows = rows.clone();
        let service = service_fn(move |request| answer(rows.clone(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    rows: Option<mpsc::Sender<Row>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Some(rows) = rows {
        let body = request.into_body().collect().await.expect("the generator sends whole bodies").to_bytes();
        let (done, on_disk) = oneshot::channel();
        rows.send((body, done)).await.expect("the writer runs");
        on_disk.await.expect("the writer answers");
    }
    let mut response = Response::new(Full::new(Bytes::from_static(ANSWER)));
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A thread that stores what waits as messages are stored, commits once, and answers everyone.
fn writer(path: &Path) -> mpsc::Sender<Row> {
    let conn = open(path);
    let (rows, mut waiting) = mpsc::channel::<Row>(1024);
    std::thread::spawn(move || {
        let run = |sql| conn.prepare_cached(sql).and_then(|mut statement| statement.execute([])).expect("SQLite works");
        let mut id = 0;
        while let Some(first) = waiting.blocking_recv() {
            run("BEGIN IMMEDIATE");
            let mut answers = Vec::new();
            let mut next = Some(first);
            while let Some((body, done)) = next {
                id += 1;
                store(&conn, id, &body).expect("the disk is not full");
                answers.push(done);
                next = waiting.try_recv().ok();
            }
            run("COMMIT");
            for done in answers {
                // The client may have disconnected.
                let _ = done.send(());
            }
        }
    });
    rows
}

/// The rows of one message: itself with its `seq` and its key, and what is the newest of its conversation.
fn store(conn: &Connection, id: i64, body: &[u8]) -> rusqlite::Result<()> {
    let (conversation, seq, key) = (id % CONVERSATIONS, id / CONVERSATIONS, uuid::Uuid::now_v7().to_string());
    conn.prepare_cached("INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        id,
        conversation,
        seq,
        conversation,
        key,
        body
    ])?;
    conn.prepare_cached("UPDATE conversations SET last_seq = ?1, last_message_id = ?2 WHERE id = ?3")?.execute([
        seq,
        id,
        conversation,
    ])?;
    Ok(())
}

fn open(path: &Path) -> Connection {
    let conn = Connection::open(path).expect("the folder is writable");
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         CREATE TABLE messages (id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL, seq INTEGER NOT NULL,
             sender_id INTEGER NOT NULL, client_key TEXT NOT NULL, body BLOB NOT NULL,
             UNIQUE (conversation_id, seq), UNIQUE (client_key, sender_id)) STRICT;
         CREATE TABLE conversations (id INTEGER PRIMARY KEY, last_seq INTEGER, last_message_id INTEGER) STRICT;",
    )
    .expect("a new file");
    let mut insert = conn.prepare("INSERT INTO conversations VALUES (?1, 0, 0)").expect("it is valid");
    for id in 0..CONVERSATIONS {
        insert.execute([id]).expect("the disk is not full");
    }
    drop(insert);
    conn
}

async fn echo(stream: TcpStream) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() && socket.send(message).await.is_err() {
            return;
        }
    }
}

/// How long the disk takes to store 4 KiB durably.
pub fn fsync(folder: &Path, times: usize) -> Spread {
    let mut file = tempfile::tempfile_in(folder).expect("the folder is writable");
    let mut spread = Spread::default();
    for _ in 0..times {
        file.write_all(&[7; 4096]).expect("the disk is not full");
        let start = Instant::now();
        file.sync_data().expect("the disk works");
        spread.add(start.elapsed());
        // Like a client that waits for each commit; without pauses the disk would compete with itself.
        std::thread::sleep(Duration::from_micros(200));
    }
    spread
}
