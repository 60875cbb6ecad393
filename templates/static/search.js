/* Full-text search; docs/search.md has the format of the scripts in `_search/`: from a disk nothing else can be read. */
(() => {
"use strict";
const SHOWN = 15, MOST_WORDS = 8;
const TEXT_BUDGET = 60000; // bytes of texts that one list may load
const WEIGHTS = [2, 3, 5, 10]; // body, frequent in the body, heading, title
const PHRASE = 10000, TITLE = 20000, EXACT = 40000, WHOLE_TITLE = 80000;
const LENGTH = 220, BEFORE = 40; // characters of an excerpt, of them before the first hit
const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const WORD = /[\p{L}\p{N}]+/gu;
const page = document.documentElement, root = page.dataset.root ?? "";

// Files
const values = new Map(), loads = new Map();
let index;
const arrive = (element) => new Promise((done) => {
	element.onload = element.onerror = done;
	document.head.append(element);
});
function load(name) {
	if (!loads.has(name)) {
		const size = index ? `?${index.slots}.${index.shards}` : ""; // other files
		loads.set(name, arrive(make("script", { src: `${root}_search/${encode(name)}.js${size}` })));
	}
	return loads.get(name).then(() => values.get(name));
}
const loadAll = (names) => Promise.all([...new Set(names)].map(load));
const encode = (path) => encodeURIComponent(path).replaceAll("%2F", "/");
const file = (folder, number) => `${folder}/${number >> 6}/${number & 63}`;

// Words and terms, as in pipeline/search/words.py
const MASK = 0x3ffffffc, HOME = 0x3ffc0000;
function hash(text) { // CRC-32
	let crc = -1;
	for (const byte of new TextEncoder().encode(text)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320);
	}
	return ~crc & MASK;
}
const folds = new Map(), fold = (word) => {
	if (!folds.has(word)) {
		folds.set(word, word.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("đ", "d"));
	}
	return folds.get(word);
};
const near = (term, text) => (term & HOME) | (hash(text) & ~HOME);

function readQuery(text) {
	text = text.normalize("NFC");
	const words = (text.match(WORD) ?? []).slice(0, MOST_WORDS).map((word) => {
		const lower = word.toLowerCase(), folded = fold(word), term = hash(folded);
		return { lower, folded, term, exact: lower !== folded && near(term, "=" + lower) };
	});
	const last = words.at(-1)?.folded, open = /[\p{L}\p{N}]\p{M}*$/u.test(text); // its last word may go on
	const prefix = open && last.length > 1 && hash([...last].slice(0, 5).join("") + "*");
	const pairs = words.slice(1).map(({ term }, at) => (Math.imul(words[at].term, 0x9e3779b1) + term) & MASK);
	const title = last && near(words[0].term, "^" + words.map(({ folded }) => folded).join(" "));
	const terms = [...words.flatMap(({ term, exact }) => [term, exact]), ...pairs, prefix, title].filter(Boolean);
	return { words, last, open, prefix, pairs, title, shards: terms.map(shardOf) };
}

// Shards, as in pipeline/search/shards.py
const shardOf = (term) => file("terms", term >>> (30 - index.shards));
function readList(text) {
	const slots = [];
	let slot = -1, gap = 0;
	[...text].forEach((digit, at) => {
		const value = DIGITS.indexOf(digit);
		if (text[0] === "!") { // a bitmap
			for (let bit = 0; at && bit < 6; bit++) if (value & (32 >> bit)) slots.push(at * 6 - 6 + bit);
			return;
		}
		gap = gap * 32 + (value & 31);
		if (value < 32) {
			slots.push(slot += gap + 1);
			gap = 0;
		}
	});
	return slots;
}
/** Visits each slot of a term with its worth and class; returns how many there are. */
function visitTerm(term, visit) {
	if (!term) return 0;
	const key = DIGITS[(term >> 14) & 63] + DIGITS[(term >> 8) & 63] + DIGITS[(term >> 2) & 63];
	const shard = `,${values.get(shardOf(term)) ?? ""},`, start = shard.indexOf("," + key);
	if (start < 0) return 0;
	const lists = shard.slice(start + 4, shard.indexOf(",", start + 1)).split(".").map(readList);
	const count = lists.flat().length, rare = index.slots - 30 + Math.clz32(count);
	lists.forEach((list, kind) => list.forEach((slot) => visit(slot, WEIGHTS[kind] * rare, kind)));
	return count;
}

/** The slots that fit, best first; `some`: none has every word. Sets of words are bits of a number. */
function rank({ words, prefix, pairs, title }) {
	const zeros = () => new Int32Array(1 << index.slots), all = (1 << words.length) - 1;
	const score = zeros(), matched = zeros(), inTitle = zeros(), exact = zeros();
	let accented = 0;
	words.forEach((word, number) => {
		const bit = 1 << number, points = zeros(), take = (slot, value, kind) => {
			points[slot] = Math.max(points[slot], value);
			matched[slot] |= bit;
			if (kind === 3) inTitle[slot] |= bit;
		};
		const known = visitTerm(word.term, take);
		if (2 * bit > all && !(known && word.folded.length > 5)) {
			visitTerm(prefix, (slot, value, kind) => take(slot, value >> 1, kind));
		}
		if (word.exact) accented |= bit;
		visitTerm(word.exact, (slot, value) => { exact[slot] |= bit; score[slot] += value; });
		points.forEach((value, slot) => { score[slot] += value; });
	});
	const inRow = Math.floor(PHRASE / pairs.length);
	for (const term of pairs) visitTerm(term, (slot, value) => { score[slot] += 2 * value + inRow; });
	visitTerm(title, (slot) => { score[slot] += WHOLE_TITLE; });
	const sizes = matched.map((bits) => bits.toString(2).replaceAll("0", "").length);
	const most = sizes.reduce((a, b) => Math.max(a, b)), slots = [];
	sizes.forEach((size, slot) => {
		if (!size || size < most || 2 * size < words.length) return;
		if (inTitle[slot] === all) score[slot] += TITLE;
		if (accented && exact[slot] === accented) score[slot] += EXACT;
		slots.push(slot);
	});
	return { slots: slots.sort((a, b) => score[b] - score[a] || a - b), some: slots[0] >= 0 && most < words.length };
}

// Excerpts
function findHits(text, { words, last, open }) {
	return [...text.matchAll(WORD)].flatMap(({ 0: written, index: start }, number) => {
		const folded = fold(written);
		let word = words.findIndex((wanted) => folded === wanted.folded);
		if (word < 0 && open && folded.startsWith(last)) word = words.length - 1;
		const exact = written.toLowerCase() === words[word]?.lower;
		return word < 0 ? [] : [{ number, start, end: start + written.length, word, exact }];
	});
}
/** The heading and the place under it that show most of the query. */
function findExcerpt(blocks, query) {
	let best = { value: 0 };
	for (const [anchor, heading, text] of blocks) {
		const inHeading = 4 * new Set(findHits(heading, query).map(({ word }) => word)).size;
		const offer = (value, start) => { if (value > best.value) best = { value, anchor, heading, text, start }; };
		offer(inHeading, 0);
		findHits(text, query).forEach(({ start }, place, hits) => {
			const seen = new Set();
			let value = inHeading, before = {};
			for (const hit of hits.slice(place, place + 20)) {
				if (hit.start > start + LENGTH - BEFORE) break;
				if (!seen.has(hit.word)) value += hit.exact ? 12 : 10;
				if (hit.number - before.number === 1 && hit.word - before.word === 1) value += 6;
				seen.add(hit.word);
				before = hit;
			}
			offer(value, start);
		});
	}
	return best;
}
function cutExcerpt({ text, start }) {
	const begin = text.lastIndexOf(" ", Math.max(0, start - BEFORE)) + 1, cut = text.slice(begin, begin + LENGTH);
	return (begin ? "… " : "") + (text.length - begin > LENGTH ? cut.replace(/ \S*$/, " …") : cut);
}
function marked(name, text, query) {
	const parent = make("span", { class: name });
	let at = 0;
	for (const { start, end } of findHits(text, query)) {
		parent.append(text.slice(at, start), make("mark", {}, text.slice(start, end)));
		at = end;
	}
	parent.append(text.slice(at));
	return parent;
}

// The box
let box, timer, turn = 0, active, follows;
function make(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const name in attributes) element.setAttribute(name, attributes[name]);
	element.append(...children);
	return element;
}
function build(labels) {
	const input = make("input", {
		role: "combobox", "aria-label": labels.title, placeholder: labels.placeholder,
		"aria-autocomplete": "list", "aria-expanded": false, "aria-controls": "search-results",
		autocomplete: "off", spellcheck: false,
	});
	const status = make("p", { class: "search-status", role: "status" });
	const list = make("ul", { id: "search-results", role: "listbox", "aria-label": labels.results });
	const dialog = make("dialog", { class: "search-dialog", "aria-label": labels.title },
		make("div", { class: "search-head" }, input, make("button", {}, labels.close)), status, list);
	input.oninput = () => {
		clearTimeout(timer);
		timer = setTimeout(run, index.slots > 11 ? 160 : 40); // a large index is not loaded for every key
		turn++;
		follows = false;
	};
	input.onkeydown = onKey;
	dialog.onclick = ({ target }) => target.closest("a, button") || target === dialog ? dialog.close() : 0;
	document.body.append(dialog);
	return { dialog, input, status, list, labels };
}
function onKey(event) {
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], count = box.list.children.length;
	if (event.isComposing || !(step || event.key === "Enter")) return;
	event.preventDefault();
	if (!step) box.turn === turn ? follow() : follows = true;
	else if (count) select(active < 0 && step < 0 ? count - 1 : (active + step + count) % count);
}
function select(number) {
	active = number;
	[...box.list.children].forEach((item, place) => item.firstChild.setAttribute("aria-selected", place === number));
	box.input.setAttribute("aria-activedescendant", number < 0 ? "" : `search-${number}`);
	box.list.children[number]?.scrollIntoView({ block: "nearest" });
}
function follow() {
	follows = false;
	box.list.children[Math.max(active, 0)]?.firstChild.click();
}
function showResult([, name, title, trail, size], query, place) {
	const href = `${root}${encode(name)}.html`;
	// no link inside an option: out of reach
	const link = make("a", { href, id: `search-${place}`, role: "option", tabindex: -1 }, marked("search-title", title, query), " ",
		make("span", { class: "search-trail" }, trail));
	return { item: make("li", { role: "presentation" }, link), size, name, fill(blocks) {
		const found = findExcerpt(blocks, query);
		if (!found.value) return;
		if (found.anchor) link.href = `${href}#${encodeURIComponent(found.anchor)}`;
		if (found.heading) link.append(" ", marked("search-heading", found.heading, query));
		link.append(" ", marked("search-excerpt", cutExcerpt(found), query));
	} };
}
function say(label, count = 0) {
	box.status.textContent = label ? box.labels[label].replace("{count}", count.toLocaleString(page.lang || [])) : "";
}
async function run() {
	const mine = ++turn, { list, input } = box, query = readQuery(input.value);
	const slow = setTimeout(say, 400, "loading");
	await loadAll(query.shards);
	const { slots, some } = mine === turn ? rank(query) : { slots: [] }, first = slots.slice(0, SHOWN);
	const cards = (await loadAll(first.map((slot) => file("cards", slot >> index.group)))).flat();
	clearTimeout(slow);
	if (mine !== turn) return;
	const results = first.flatMap((slot) => cards.filter((card) => card?.[0] === slot))
		.map((card, place) => showResult(card, query, place));
	list.replaceChildren(...results.map(({ item }) => item));
	box.turn = mine;
	input.setAttribute("aria-expanded", results.length > 0);
	select(-1);
	say(query.last && (some ? "some" : ["none", "one"][slots.length] ?? "many"), slots.length);
	if (follows) follow();
	let room = TEXT_BUDGET;
	await Promise.all(results.filter(({ size }) => size && size < room && (room -= size)).map(async ({ name, fill }) => {
		const blocks = await load(`text/${name}`);
		if (blocks && mine === turn) fill(blocks);
	}));
	if (mine === turn) list.dataset.query = input.value; // all excerpts are there
}
async function open() {
	if (!box) {
		const style = make("link", { rel: "stylesheet", href: page.dataset.searchStyle });
		const [manifest] = await Promise.all([load("index"), arrive(style)]);
		index = manifest ?? { labels: { title: "Search", close: "×", failed: "No search index" } };
		box ??= build(index.labels);
		if (index.format !== 1) {
			box.input.disabled = true;
			say("failed");
		}
	}
	if (!box.dialog.open) box.dialog.showModal();
	box.input.select();
}
window.courseSearch = { open, put: (name, value) => values.set(name, value) };
})();
