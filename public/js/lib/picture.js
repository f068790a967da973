// Shrinks a photo to what the server accepts, because cameras make larger ones. An acceptable file stays as it is. Needs
// a browser.

/** What the server accepts. */
const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_PIXELS = 16_000_000;
/** Larger files are not decoded at all. */
const MOST_TO_DECODE = 64 * 1024 * 1024;
/** The side of the square, in pixels: twice what the server stores. */
const SIDE = 640;

export const PICTURE_TYPES = TYPES.join(",");

/** Why a file cannot be a profile picture. */
export class NoPicture extends Error {
	/** @param {"picture.notOne" | "picture.tooLarge"} key of the message */
	constructor(key) {
		super(key);
		this.key = key;
	}
}

/**
 * @param {File} file
 * @returns {Promise<Blob>}
 */
export async function fitting(file) {
	if (file.size > MOST_TO_DECODE) throw new NoPicture("picture.tooLarge");
	let bitmap;
	try {
		bitmap = await createImageBitmap(file);
	} catch {
		throw new NoPicture("picture.notOne");
	}
	try {
		const { width, height } = bitmap;
		const fits = file.size <= MOST_BYTES && width * height <= MOST_PIXELS;
		return fits && TYPES.includes(file.type) ? file : await smaller(bitmap);
	} finally {
		bitmap.close();
	}
}

/** The square in the middle, which is what the server stores. @param {ImageBitmap} bitmap @returns {Promise<Blob>} */
async function smaller(bitmap) {
	const { width, height } = bitmap;
	const from = Math.min(width, height);
	const to = Math.min(from, SIDE);
	const canvas = document.createElement("canvas");
	canvas.width = to;
	canvas.height = to;
	const context = canvas.getContext("2d");
	if (!context) throw new NoPicture("picture.tooLarge");
	context.imageSmoothingQuality = "high";
	context.drawImage(bitmap, (width - from) / 2, (height - from) / 2, from, from, 0, 0, to, to);
	const made = await new Promise((/** @type {BlobCallback} */ done) =>
		canvas.toBlob(done, "image/jpeg", 0.9),
	);
	if (!made) throw new NoPicture("picture.tooLarge");
	return made;
}
