/* Full-text search; docs/search.md has the format of `_search/`. */
(() => {
"use strict";
const SHOWN = 15, TYPED = 4, MOST_WORDS = 8; // results at rest, between two keys
const PAUSE = [600, 900], DELAY = [0, 120]; // ms in a small, a large index: typing rests; another key may come
const TYPING = 105000, WHOLE = 220000, CARDS = 5000; // bytes of a query between two keys, at rest; of a file of cards
const WEIGHTS = [2, 3, 5, 10]; // body, frequent in the body, heading, title
const PHRASE = 10000, TITLE = 7000, EXACT = 40000, WHOLE_TITLE = 80000;
const LENGTH = 220, BEFORE = 40; // characters of an excerpt, before its first hit
const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const WORD = /[\p{L}\p{N}]+/gu;
const page = document.documentElement, root = page.dataset.root ?? "";

// Files
const values = new Map(), loads = new Map();
let index, spent = 0;
const isLarge = () => index.slots > 11;
const arrive = (element) => new Promise((done) => {
	element.onload = element.onerror = done;
	document.head.append(element);
});
function load(name) {
	if (!loads.has(name)) {
		const size = index ? `?${index.slots}.${index.shards}` : "";
		loads.set(name, arrive(make("script", { src: `${root}_search/${encode(name)}.js${size}` })));
	}
	return loads.get(name).then(() => {
		if (!values.has(name)) throw loads.delete(name); // the next time again
		return values.get(name);
	});
}
function put(name, value) {
	values.set(name, value);
	spent += JSON.stringify(value).length;
}
const encode = (path) => encodeURIComponent(path).replaceAll("%2F", "/");
const file = (folder, number) => `${folder}/${number >> 6}/${number & 63}`;
const cardFile = (slot) => file("cards", slot >> index.group);
/** Slot, page, title, trail, text packed and plain; nothing if the index is a newer one. */
async function loadCard(slot) {
	const card = (await load(cardFile(slot))).find(([other]) => other === slot);
	if (card) card[5] ??= await inflate(card[4]);
	return card;
}
function inflate(packed) {
	if (!packed || !window.DecompressionStream) return [];
	const letters = atob(packed), bytes = new Uint8Array(letters.length);
	for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
	return new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("deflate"))).json();
}

// Words and terms, as in pipeline/search/words.py
const MASK = 0x3ffffffc, HOME = 0x3fff0000;
function hash(text) {
	let crc = -1;
	for (const byte of new TextEncoder().encode(text)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320);
	}
	return ~crc & MASK;
}
const folds = new Map(), fold = (word) => folds.get(word) ?? folds.set(word, word.toLowerCase()
	.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("đ", "d")).get(word);
const near = (term, text) => (term & HOME) | (hash(text) & ~HOME), first = (word) => [...word].slice(0, 5).join("");

function readQuery(text, typing) {
	text = text.normalize("NFC");
	const all = text.match(WORD) ?? [], words = all.slice(0, MOST_WORDS).map((word) => {
		const lower = word.toLowerCase(), folded = fold(word), term = near(hash(first(folded)), folded);
		return { lower, folded, term, exact: lower !== folded && near(term, "=" + lower) };
	});
	let open = /[\p{L}\p{N}]\p{M}*$/u.test(text) && !all[MOST_WORDS]; // its last word may go on
	// One letter, or what is too dear, only shows where it follows the words before it.
	const isDear = ({ term }) => typing && isLarge() && spent > TYPING && !loads.has(shardOf(term));
	const isBegun = (word) => words[1] && (/^\p{L}$/u.test(word.folded) || isDear(word));
	const begun = open && isBegun(words.at(-1)) && words.pop();
	const last = words.at(-1)?.folded;
	if (begun || last?.length < 2) open = false;
	const start = open && first(last);
	const prefix = start && near(hash(start), start + "*");
	const pairs = words.slice(1).map(({ term }, at) => (Math.imul(words[at].term, 0x9e3779b1) + term) & MASK);
	const title = last && near(words[0].term, "^" + words.map(({ folded }) => folded).join(" "));
	const terms = [...words.flatMap(({ term, exact }) => [term, exact]), prefix, title].filter(Boolean);
	const key = words.map(({ lower }) => lower).join(" ") + (begun ? ` ${begun.lower}` : open);
	return { words, last, open, begun, prefix, pairs, title, terms, key };
}
const loadShards = (terms) => Promise.all(terms.map(shardOf).map(load));
async function loadQuery({ words, prefix, pairs, terms }, typing) {
	await loadShards(typing ? terms : [...terms, ...pairs]);
	const known = words.map(({ term }) => count(term));
	if (typing && prefix && (spent > TYPING || known.at(-1) < count(prefix) / 2)) known.pop();
	await loadShards(pairs.filter((_, at) => known[at] && known[at + 1]));
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
const found = new Map();
function find(term) {
	const shard = values.get(shardOf(term));
	if (term && shard && !found.has(term)) {
		const key = DIGITS[(term >> 14) & 63] + DIGITS[(term >> 8) & 63] + DIGITS[(term >> 2) & 63];
		const start = `,${shard}`.indexOf("," + key) + 3, end = shard.indexOf(",", start);
		found.set(term, start < 3 ? [] : shard.slice(start, end < 0 ? shard.length : end).split(".").map(readList));
	}
	return found.get(term) ?? [];
}
const count = (term) => find(term).flat().length;
function visitTerm(term, visit) {
	const size = count(term), rare = index.slots - 30 + Math.clz32(size);
	find(term).forEach((list, kind) => list.forEach((slot) => visit(slot, WEIGHTS[kind] * rare, kind)));
	return size;
}

/** The slots that fit, best first; `some`: none has every word. Sets of words are bits. */
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
function findHits(text, { words, last, open, begun }) {
	let before;
	return [...text.matchAll(WORD)].flatMap(({ 0: written, index: start }, number) => {
		const folded = fold(written);
		let word = words.findIndex((wanted) => folded === wanted.folded);
		if (word < 0 && open && folded.startsWith(last)) word = words.length - 1;
		if (word < 0 && begun && before === words.length - 1 && folded.startsWith(begun.folded)) word = words.length;
		before = word;
		const exact = written.toLowerCase() === words[word]?.lower;
		return word < 0 ? [] : [{ number, start, end: start + written.length, word, exact }];
	});
}
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
let box, items, timers = [], turn = 0, active, chosen, follows;
function make(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const name in attributes) element.setAttribute(name, attributes[name]);
	element.append(...children);
	return element;
}
function build({ labels }) {
	const input = make("input", {
		role: "combobox", "aria-label": labels.title, placeholder: labels.placeholder,
		"aria-autocomplete": "list", "aria-expanded": false, "aria-controls": "search-results",
		autocomplete: "off", spellcheck: false,
	});
	const status = make("p", { class: "search-status", role: "status" });
	const list = make("ul", { id: "search-results", role: "listbox", "aria-label": labels.results });
	const dialog = make("dialog", { class: "search-dialog", "aria-label": labels.title },
		make("div", { class: "search-head" }, input, make("button", {}, labels.close)), status, list);
	let length = 0;
	input.oninput = () => {
		const typing = Math.abs(input.value.length - length) < 3;
		if (!typing || !length) spent = 0;
		length = input.value.length;
		timers.forEach(clearTimeout);
		timers = [setTimeout(run, typing ? DELAY[+isLarge()] : 0, typing)];
		if (typing) timers.push(setTimeout(run, PAUSE[+isLarge()]));
		turn++;
		follows = chosen = false;
		list.scrollTop = 0;
		select();
	};
	input.onkeydown = onKey;
	dialog.onclick = ({ target }) => target.closest("a, button") && dialog.close();
	dialog.onpointerdown = ({ target }) => target === dialog && dialog.close();
	dialog.onclose = () => { follows = false; };
	document.body.append(dialog);
	items = list.children;
	return { dialog, input, status, list };
}
function onKey(event) {
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], count = items.length;
	if (event.isComposing || !(step || event.key === "Enter")) return;
	event.preventDefault();
	if (!step) active >= 0 || box.turn === turn ? follow() : follows = true;
	else if (count) {
		chosen = items[active < 0 && step < 0 ? count - 1 : (active + step + count) % count].slot;
		select();
	}
}
function select() {
	const all = [...items];
	active = all.findIndex(({ slot }) => slot === chosen);
	all.forEach((item, place) => item.firstChild.setAttribute("aria-selected", place === active));
	box.input.setAttribute("aria-activedescendant", active < 0 ? "" : `search-${active}`);
	box.input.setAttribute("aria-expanded", items.length > 0);
	items[active]?.scrollIntoView({ block: "nearest" });
}
function follow() {
	follows = false;
	items[Math.max(active, 0)]?.firstChild.click();
}
function showResult([, name, title, trail, , blocks], query, place) {
	const found = findExcerpt(blocks, query), anchor = found.anchor ? `#${encodeURIComponent(found.anchor)}` : "";
	// not a tab stop
	const link = make("a", { href: `${root}${encode(name)}.html${anchor}`, id: `search-${place}`, role: "option", tabindex: -1 },
		marked("search-title", title, query), " ", make("span", { class: "search-trail" }, trail));
	if (found.heading) link.append(" ", marked("search-heading", found.heading, query));
	if (found.value) link.append(" ", marked("search-excerpt", cutExcerpt(found), query));
	return make("li", { role: "presentation" }, link);
}
function say(label, count = 0) {
	box.status.textContent = label ? index.labels[label].replace("{count}", count < 1000 ? count : count.toLocaleString(page.lang || [])) : "";
}
/** `typing`: another key may follow. */
async function run(typing) {
	const mine = ++turn, { list, input } = box, query = readQuery(input.value, typing);
	const slow = setTimeout(() => mine === turn && say("loading"), 400);
	let failed = await loadQuery(query, typing).catch(() => "failed");
	if (mine !== turn) return;
	const { slots, some } = failed ? { slots: [] } : rank(query), best = slots.slice(0, typing ? TYPED : SHOWN);
	let room = (typing ? TYPING : WHOLE) - spent, place = 0;
	const end = best.findIndex((slot, at) => !loads.has(cardFile(slot)) && (room -= CARDS) < 0 && at >= (typing ? 1 : TYPED));
	if (end >= 0) best.length = end;
	for (const part of [best.slice(0, TYPED), best.slice(TYPED)]) {
		const cards = part.map((slot) => loadCard(slot).catch(() => { failed = "failed"; }));
		for (const coming of cards) {
			const card = await coming, shown = items[place];
			if (mine !== turn) return;
			if (!card) continue;
			const key = `${query.key} ${card[0]}`;
			if (shown?.key !== key) {
				const item = Object.assign(showResult(card, query, place), { key, slot: card[0] });
				shown ? shown.replaceWith(item) : list.append(item);
			}
			place++;
			select();
		}
	}
	while (items[place]) items[place].remove();
	select();
	box.turn = typing && query.begun ? 0 : mine;
	clearTimeout(slow);
	say(failed ?? (query.last && (some ? "some" : ["none", "one"][slots.length] ?? "many")), slots.length);
	if (follows && box.turn) follow();
	list.dataset.query = input.value;
}
/** `early` is filled with what is typed before there is a box. */
async function open(early = {}) {
	if (!box) {
		const style = make("link", { rel: "stylesheet", href: page.dataset.searchStyle });
		const none = { labels: { title: "Search", placeholder: "", results: "", close: "×", failed: "No search index" } };
		[index] = await Promise.all([load("index").catch(() => none), arrive(style)]);
		box ??= build(index);
		if (index.format !== 3) {
			box.input.disabled = true;
			box.dialog.onclose = () => { box = box.dialog.remove(); }; // anew next time
			say("failed");
		}
	}
	if (!box.dialog.open) box.dialog.showModal();
	box.input.select();
	if (early.text) {
		box.input.value = early.text;
		box.input.oninput();
		follows = early.enter;
	}
}
window.courseSearch = { open, put };
})();
