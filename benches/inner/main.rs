//! The inner loops, without sockets and HTTP. Writes go to a real disk, so a send's time is mostly one fsync.

#[path = "../stock/mod.rs"]
mod stock;

use std::path::Path;
use std::time::Duration;

use chinwag::auth::token::Token;
use chinwag::clock::{Clock, Timestamp};
use chinwag::hub::Hub;
use chinwag::model::{
    ClientKey, ConversationId, Destination, Event, Message, MessageBody, MessageId, NewMessage, Revision, User, UserId,
    Username,
};
use chinwag::store::{MessageScope, MessageSlice, PeopleQuery, Store, Window};
use chinwag::texts::Language;
use chinwag::views::{Look, Views};
use chinwag::wire::BroadcastEvent;
use divan::{Bencher, black_box};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Messages in the file of which pages are read.
const SIZES: [i64; 3] = [1_000, 100_000, 1_000_000];

/// Pages are read long enough that the first second, in which a large file is checked, does not affect the median.
const SETTLED: Duration = Duration::from_secs(4);

fn main() {
    divan::main();
}

/// A store on a separate file, with its people.
struct Stocked {
    runtime: Runtime,
    store: Store,
    people: Vec<User>,
    cookie: String,
    _folder: TempDir,
}

impl Stocked {
    fn new(messages: i64) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the build's folder is writable");
        let path = folder.path().join("chat.db");
        let persons = runtime.block_on(stock::people(&path, stock::FRIENDS as usize + 1));
        if messages > 0 {
            stock::fill(&path, messages, stock::FRIENDS);
        }
        let store = runtime.block_on(open(&path));
        let find = |name: &str| Username::parse(name).expect("a valid name");
        let user =
            |name| runtime.block_on(store.user(&find(name))).expect("the store answers").expect("they are in it");
        let people = persons.iter().map(|person| user(&person.name)).collect();
        let cookie = persons[0].cookie.clone();
        Self { runtime, store, people, cookie, _folder: folder }
    }
}

async fn open(path: &Path) -> Store {
    Store::open(path.to_owned(), Clock::system(), |_| {}).await.expect("the file is sound")
}

/// One send at a time: each pays for a separate commit.
#[divan::bench]
fn send(bencher: Bencher<'_, '_>) {
    let stocked = Stocked::new(0);
    let body = MessageBody::parse("A message of a usual length, such as people write all day.").expect("it is valid");
    let new = NewMessage {
        sender: stocked.people[0].clone(),
        to: Destination::Person(stocked.people[1].username.clone()),
        body,
        client_key: None,
        reply_to: None,
        forwarded: false,
    };
    bencher.bench_local(|| stocked.runtime.block_on(stocked.store.send(new.clone())));
}

#[divan::bench]
fn session_lookup(bencher: Bencher<'_, '_>) {
    let stocked = Stocked::new(0);
    let token = Token::from_cookies(std::iter::once(stocked.cookie.as_str()), false).expect("it is one of ours");
    let now = Clock::system().now();
    bencher.bench_local(|| stocked.runtime.block_on(stocked.store.session(token.key(), now)));
}

/// Handing a message to this many sockets of its recipient.
#[divan::bench(args = [1, 8, 64])]
fn fan_out(bencher: Bencher<'_, '_>, sockets: usize) {
    let hub = Hub::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let subscribed = (0..sockets).map(|_| hub.subscribe(UserId(2)).expect("there is room"));
    let mut subscriptions: Vec<_> = subscribed.collect();
    bencher.bench_local(|| {
        hub.publish(created());
        for subscription in &mut subscriptions {
            black_box(runtime.block_on(subscription.next()).expect("nothing was missed").live());
        }
    });
}

/// The text of one frame, made once for all sockets.
#[divan::bench]
fn serialisation(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(|| BroadcastEvent::new(created())).bench_values(|event| event.live().cloned());
}

fn created() -> Event {
    let message = message();
    Event::MessageCreated { audience: vec![UserId(1), UserId(2)], message }
}

fn message() -> Message {
    let name = |name| Username::parse(name).expect("a valid name");
    Message {
        id: MessageId(1_234_567),
        conversation: ConversationId(17),
        seq: 4_321,
        sender: UserId(1),
        sender_name: name("al"),
        recipient: Some(name("bo")),
        body: "A message of a usual length, such as people write all day.".into(),
        client_key: Some(ClientKey::from_stored("0f5b9a7c3d".into())),
        created_at: Timestamp::from_micros(1_767_323_045_000_000),
        revision: Revision(1_234_567),
        edited_at: None,
        deleted: false,
        forwarded: false,
        quote: None,
        reactions: Vec::new(),
    }
}

#[divan::bench]
fn template(bencher: Bencher<'_, '_>) {
    let views = Views::load().expect("the templates are valid");
    let look = Look { language: Language::English, theme: None };
    let values = serde_json::json!({ "status": 404, "title": "Not found", "detail": "There is no such page." });
    bencher.bench_local(|| views.render("problem.html", look, &values));
}

#[divan::bench(args = SIZES, min_time = SETTLED)]
fn newest_messages(bencher: Bencher<'_, '_>, messages: i64) {
    let stocked = Stocked::new(messages);
    let (store, me) = (&stocked.store, stocked.people[0].id);
    let newest = MessageSlice::Newest { skip: 0 };
    bencher.bench_local(|| stocked.runtime.block_on(store.messages(me, MessageScope::All, newest, 15)));
}

#[divan::bench(args = SIZES, min_time = SETTLED)]
fn a_conversation(bencher: Bencher<'_, '_>, messages: i64) {
    let stocked = Stocked::new(messages);
    let (store, me, other) = (&stocked.store, stocked.people[0].id, stocked.people[1].id);
    let found =
        stocked.runtime.block_on(store.direct_conversation(me, other)).expect("it is read").expect("there is one");
    let id = found.conversation.id;
    bencher.bench_local(|| stocked.runtime.block_on(store.range(me, id, Window::Newest, 15)));
}

#[divan::bench(args = SIZES, min_time = SETTLED)]
fn conversations(bencher: Bencher<'_, '_>, messages: i64) {
    let stocked = Stocked::new(messages);
    let (store, me) = (&stocked.store, stocked.people[0].id);
    bencher.bench_local(|| stocked.runtime.block_on(store.conversations(me, None, 30)));
}

#[divan::bench(args = SIZES, min_time = SETTLED)]
fn people(bencher: Bencher<'_, '_>, messages: i64) {
    let stocked = Stocked::new(messages);
    let (store, me) = (&stocked.store, stocked.people[0].id);
    let query = PeopleQuery { search: String::new(), cursor: None, limit: 30 };
    bencher.bench_local(|| stocked.runtime.block_on(store.people(me, query.clone())));
}
