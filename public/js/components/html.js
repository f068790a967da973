// The only module that imports the view library; every component imports from here.
import htm from "../../vendor/htm.js";
import { h } from "../../vendor/preact.js";

export { Fragment, render } from "../../vendor/preact.js";
export {
	useCallback,
	useEffect,
	useLayoutEffect,
	useMemo,
	useRef,
	useState,
} from "../../vendor/preact-hooks.js";
export { useComputed, useSignal, useSignalEffect } from "../../vendor/signals.js";

export const html = htm.bind(h);
