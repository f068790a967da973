// Tracks the visual viewport. Where a phone's keyboard covers the page instead of resizing it, the
// page is resized to the visible height, so that nothing is covered.

/** @param {AbortSignal} signal */
export function followViewport(signal) {
	const view = window.visualViewport;
	if (!view) return;
	const fit = () => {
		const zoomed = view.scale > 1.01;
		const { style } = document.documentElement;
		if (zoomed) return;
		style.setProperty("--seen", `${view.height}px`);
		if (view.offsetTop > 0) window.scrollTo(0, 0);
	};
	view.addEventListener("resize", fit, { signal });
	view.addEventListener("scroll", fit, { signal });
	fit();
}
