// Measurements of a page, and pictures to upload.

/** Buttons, links and fields that are too small for a finger. @param {import("@playwright/test").Page} page */
export function tooSmall(page) {
	return page.evaluate(() =>
		[...document.querySelectorAll("button, a[href], input, textarea, label:has(input)")]
			.filter((element) => element.checkVisibility({ visibilityProperty: true }))
			.filter(
				(element) => !element.matches(".bubble *, label input") && !element.closest("[inert]"),
			)
			.filter((element) => getComputedStyle(element).pointerEvents !== "none")
			.map((element) => ({ element, box: element.getBoundingClientRect() }))
			// A little less than 44, because moving elements have fractional sizes.
			.filter(({ box }) => box.width > 0 && Math.min(box.width, box.height) < 43.9)
			.map(({ element }) => element.outerHTML.slice(0, 120)),
	);
}

/** Whether nothing is wider than the screen. @param {import("@playwright/test").Page} page */
export function fits(page) {
	return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

/**
 * A picture as a camera makes it, for a file field.
 * @param {import("@playwright/test").Page} page
 * @param {{ width?: number, height?: number, type?: "image/png" | "image/jpeg" }} [of]
 */
export async function photograph(page, { width = 64, height = 48, type = "image/png" } = {}) {
	const base64 = await page.evaluate(
		async ([wide, high, media]) => {
			const canvas = new OffscreenCanvas(wide, high);
			const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
			context.fillStyle = "teal";
			context.fillRect(0, 0, wide, high);
			const blob = await canvas.convertToBlob({ type: media });
			return new Promise((resolve) => {
				const reader = new FileReader();
				reader.onload = () => resolve(String(reader.result).split(",")[1]);
				reader.readAsDataURL(blob);
			});
		},
		/** @type {const} */ ([width, height, type]),
	);
	return { name: "me", mimeType: type, buffer: Buffer.from(base64, "base64") };
}
