import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "./drafts.js";
import { LocalStorageStore, UNSENT } from "./local_storage_store.js";
import { MemoryStorage } from "./memory_storage.test.js";

test("each user has separate drafts", () => {
	const storage = new MemoryStorage();
	const ann = new Drafts(new LocalStorageStore(storage, "ann"));
	ann.write("bo/../zed", "for bo");
	const zed = new LocalStorageStore(storage, "zed");
	assert.equal(new Drafts(zed).of("bo/../zed"), "");
	assert.equal(new Drafts(new LocalStorageStore(storage, "ann")).of("bo/../zed"), "for bo");
	zed.evictOthers();
	assert.equal(new Drafts(new LocalStorageStore(storage, "ann")).of("bo/../zed"), "");
});

test("clearing does not touch other programs' entries", () => {
	const storage = new MemoryStorage();
	storage.setItem("theme", "dark");
	const store = new LocalStorageStore(storage, "ann");
	new Drafts(store).write("bo", "text");
	store.clear();
	assert.equal(storage.length, 1);
	assert.equal(storage.getItem("theme"), "dark");
});

test("drafts work in memory in a browser without storage", () => {
	const drafts = new Drafts(new LocalStorageStore(null, "ann"));
	drafts.write("bo", "text");
	assert.equal(drafts.of("bo"), "text");
	const full = new MemoryStorage();
	full.setItem = () => {
		throw new DOMException("full", "QuotaExceededError");
	};
	const kept = new Drafts(new LocalStorageStore(full, "ann"));
	kept.write("bo", "text");
	assert.equal(kept.of("bo"), "text");
});

test("damaged entries are skipped", () => {
	const storage = new MemoryStorage();
	new Drafts(new LocalStorageStore(storage, "ann")).write("bo", "text");
	storage.setItem("chinwag/ann/draft/zed", "{");
	storage.setItem("chinwag/ann/draft/%E0%A4%A", '"x"');
	assert.deepEqual([...new LocalStorageStore(storage, "ann").all("draft")], [["bo", "text"]]);
});

test("a restored text is put before what was typed meanwhile", () => {
	const drafts = new Drafts(new LocalStorageStore(null, "ann"));
	drafts.restore("bo", "first");
	drafts.restore("bo", "zeroth");
	assert.equal(drafts.of("bo"), "zeroth\nfirst");
	drafts.write("zed", " \n");
	assert.equal(drafts.count, 1);
});

test("drafts of an earlier version, keyed by name alone, are kept and move to the conversation", () => {
	const storage = new MemoryStorage();
	storage.setItem("chinwag/ann/draft/b%C3%B6", '"begun"');
	storage.setItem("chinwag/ann/draft/c%2F7", '{"not":"a text"}');
	const drafts = new Drafts(new LocalStorageStore(storage, "ann"));
	assert.equal(drafts.of("p/bö"), "begun");
	drafts.write("c/5", "typed meanwhile");
	drafts.move("p/bö", "c/5");
	const again = new Drafts(new LocalStorageStore(storage, "ann"));
	assert.equal(again.of("c/5"), "begun\ntyped meanwhile");
	assert.equal(again.of("p/bö"), "");
	assert.equal(storage.length, 1);
});

test("unsent messages stay for their user while another uses the browser", () => {
	const storage = new MemoryStorage();
	const ann = new LocalStorageStore(storage, "ann");
	ann.put(UNSENT, "k1", { body: "waits" });
	new Drafts(ann).write("p/bo", "half a thought");
	const zed = new LocalStorageStore(storage, "zed");
	zed.evictOthers();
	assert.equal(zed.all(UNSENT).size, 0);
	assert.equal(ann.all(UNSENT).size, 1);
	assert.equal(new Drafts(ann).of("p/bo"), "");
});
