// The notification sound: two soft notes, synthesised so that no file has to be loaded.

/** @type {AudioContext | null} */
let context = null;

/** @param {AudioContext} audio @param {number} pitch @param {number} at */
function note(audio, pitch, at) {
	const tone = audio.createOscillator();
	const volume = audio.createGain();
	tone.frequency.value = pitch;
	volume.gain.setValueAtTime(0, at);
	volume.gain.linearRampToValueAtTime(0.12, at + 0.01);
	volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
	tone.connect(volume).connect(audio.destination);
	tone.start(at);
	tone.stop(at + 0.4);
}

/** Silent where the browser allows no sound before the user interacts with the page. */
export function chime() {
	context ??= new AudioContext();
	if (context.state === "suspended") {
		context.resume();
		return;
	}
	note(context, 659, context.currentTime);
	note(context, 880, context.currentTime + 0.12);
}
