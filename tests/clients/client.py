"""A client generated from the OpenAPI document, as other people might write one: it sends, reads, syncs and gets a problem."""

import sys

import httpx

from chinwag import Client
from chinwag.api.conversations import list_conversation_messages, list_conversations, update_conversation
from chinwag.api.live import sync
from chinwag.api.me import get_me
from chinwag.api.messages import send_message
from chinwag.models import ChangesJson, ConversationInput, MessageInput, MessageState, SnapshotJson

URL = sys.argv[1]
PASSWORD = "correct horse battery"


def sign_up(name: str, **headers: str) -> Client:
    """Makes an account; gives a client that is logged in."""
    form = {"username": name, "email": f"{name}@example.test", "password1": PASSWORD, "password2": PASSWORD}
    answer = httpx.post(f"{URL}/signup/", data=form)
    assert answer.status_code == 302, answer.text
    cookies = {"sessionid": answer.cookies["sessionid"]}
    return Client(base_url=URL, cookies=cookies, headers={"Chinwag-User": name, **headers}, raise_on_unexpected_status=True)


al, bo = sign_up("py_al"), sign_up("py_bo")

first = send_message.sync(client=al, body=MessageInput(recipient="py_bo", body="Tea?", client_id="py-1"))
assert isinstance(first, MessageState) and first.recipient == "py_bo", first
conversation = first.conversation

reply = send_message.sync(client=bo, body=MessageInput(conversation=conversation, body="Yes.", reply_to=first.id))
assert isinstance(reply, MessageState) and reply.reply_to.body == "Tea?", reply

messages = list_conversation_messages.sync(conversation, client=al, limit=10).messages
assert [message.body for message in messages] == ["Tea?", "Yes."], messages

found = list_conversations.sync(client=al, with_="PY_BO")
assert found.conversations[0].kind == "direct" and found.person.latest_message == "Yes.", found

changes = sync.sync(client=bo, since=0, wait=1)
assert isinstance(changes, ChangesJson), changes
assert [change.message.seq for change in changes.changes if change.type_ == "message"] == [1, 2], changes
snapshot = sync.sync(client=bo)
assert isinstance(snapshot, SnapshotJson) and snapshot.me.user == "py_bo", snapshot

read = update_conversation.sync(conversation, client=bo, body=ConversationInput(read=2))
assert read.unread == 0, read

refused = send_message.sync_detailed(client=al, body=MessageInput(conversation=conversation, body=" "))
assert refused.status_code == 400 and "body" in refused.parsed.to_dict(), refused

another = get_me.sync_detailed(client=al.with_headers({"Chinwag-User": "py_bo"}))
assert another.status_code == 409 and another.parsed.detail, another

print("The Python client and the server understand each other.")
