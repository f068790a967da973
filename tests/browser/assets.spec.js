// Delivery of static files: compressed, cached for ever under their version, and revalidated
// otherwise.
import { expect, test } from "./support/people.js";

test("static files are compressed and cached for ever under their version", async ({
	server,
	request,
}) => {
	await server.start();
	const page = await (await request.get(`${server.address}/login/`)).text();
	const style = page.match(/href="(\/static\/[^"]*\/styles\/common\.css)"/)?.[1] ?? "";
	test.skip(!style.includes("/v-"), "a debug build reads its files from disk, where they change");

	const forms = [];
	for (const encoding of ["br", "gzip", "identity"]) {
		const answer = await request.get(server.address + style, {
			headers: { "accept-encoding": encoding },
		});
		expect(answer.headers()["content-encoding"] ?? "identity").toBe(encoding);
		expect(answer.headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
		expect(answer.headers().vary).toBe("Accept-Encoding");
		forms.push(await answer.text());
	}
	expect(new Set(forms).size).toBe(1);

	const plain = await request.get(`${server.address}/static/styles/common.css`);
	expect(plain.headers()["cache-control"]).toBe("public, max-age=60");
	const again = await request.get(`${server.address}/static/styles/common.css`, {
		headers: { "if-none-match": plain.headers().etag },
	});
	expect(again.status()).toBe(304);
});
