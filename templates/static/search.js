/* Search; docs/search.md has the format. */
(() => {
"use strict";
const SHOWN = 15, TYPED = 4, MOST_WORDS = 8; // at rest, between keys
const PAUSE = [600, 900], DELAY = [0, 120]; // ms, small and large index: rest; another key may come
const TYPING = 75e3, REST = 220e3, CARDS = 8e3; // bytes between keys, at rest; of cards
const WEIGHTS = [2, 3, 5, 10]; // body, frequent in the body, heading, title
const PHRASE = 10e3, TITLE = 15e3, HEADING = 20e3, EXACT = 40e3, WHOLE = [, , 60e3, 80e3], MISSING = 100e3, ENOUGH = 5;
const LENGTH = 220, BEFORE = 40; // characters of an excerpt, before its first hit
const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const UNSPACED = "\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}";
const WORD = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}])+`, "gu"), FOREIGN = new RegExp(`^[${UNSPACED}]`, "u");
const SYLLABLE = /^([bcdghklmnpqrstvx]|ch|gh|gi|kh|n[gh]|ngh|ph|qu|t[hr])?[aeiouy]{1,3}([cmnpt]|ch|n[gh])?$/; // of Vietnamese
const TONE = /[\u0300\u0301\u0303\u0309\u0323]/g;
const page = document.documentElement, root = page.dataset.root ?? "";

// Files, named after their content, of the index that the search began with
let index = { labels: { title: "Search", placeholder: "", results: "", close: "×", failed: "No search index" } }, loads, spent = 0;
const isLarge = () => index.slots > 11;
const arrive = (element) => new Promise((done) => {
	element.onload = element.onerror = () => done(element.value);
	document.head.append(element);
});
const bring = (src) => arrive(make("script", { src }));
function put(value) {
	document.currentScript.value = value;
	spent += JSON.stringify(value).length;
}
async function begin() {
	const mine = turn, now = await bring(`${root}_search/index.js?${Date.now()}`) ?? index;
	if (mine !== turn) return;
	index = now;
	loads = new Map(Object.entries(index));
	found.clear();
	meant.clear();
}
const load = (name) => loads.get(name) ?? loads.set(name, call(name)).get(name);
/** terms/3 has the digest of terms/3/7, the index that of terms/3. */
async function call(name, all = loads) {
	const [, above, at] = name.match(/(.*)\/(.*)/), digest = (await load(above))[at];
	const value = digest ? await bring(`${root}_search/${name}.${digest}.js`) : "";
	if (value == null) throw name;
	all.set(name, value);
	return value;
}
const file = (folder, number) => `${folder}/${number >> 6}/${number & 63}`;
const cardFile = (slot) => file("cards", slot >> index.group);
/** Slot, page, title, trail, text packed and plain. */
async function loadCard(slot) {
	const card = (await load(cardFile(slot))).find(([other]) => other === slot);
	card[5] ??= await inflate(card[4]);
	return card;
}
function inflate(packed) {
	if (!packed || !window.DecompressionStream) return [];
	const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt());
	return new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("deflate"))).json();
}

// As in pipeline/search/words.py
const MASK = 0x3ffffffc, HOME = 0x3fff0000;
function hash(text) {
	let crc = -1;
	for (const byte of new TextEncoder().encode(text)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320);
	}
	return ~crc & MASK;
}
const folds = new Map(), fold = (word) => folds.get(word) ?? folds.set(word, FOREIGN.test(word) ? word : word.toLowerCase()
	.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("đ", "d")).get(word);
const near = (term, text) => (term & HOME) | (hash(text) & ~HOME), first = (word) => [...word].slice(0, 5).join("");
const termOf = (folded) => near(hash(first(folded)), folded);
/** `vector` and `vectors`; "" where one of them is a syllable of Vietnamese, such as `lens`, or costs a file of a large index. */
function findTwin(folded) {
	const twin = folded.endsWith("s") ? folded.slice(0, -1) : folded + "s";
	return /^[a-z]{3,}$/.test(twin) && !folded.endsWith("ss") && ![folded, twin].some((word) => SYLLABLE.test(word)) && (!isLarge() || first(twin) === first(folded)) ? twin : "";
}
/** Tones first: `hoà` is `hòa`. */
function spell(word) {
	const split = word.toLowerCase().normalize("NFD");
	return (split.match(TONE) ?? []).join("") + split.replace(TONE, "");
}
/** Each two letters where no spaces are. */
function* readWords(text) {
	for (const { 0: run, index } of text.matchAll(WORD)) {
		const letters = FOREIGN.test(run) ? [...run] : [run];
		let start = index;
		for (const at of letters.keys()) {
			yield { written: letters[at] + (letters[at + 1] ?? ""), start, last: at && !letters[at + 1] };
			start += letters[at].length;
		}
	}
}

// What is meant
const meant = new Map();
let slips;
async function findMeant(word, typing) {
	await (slips ??= bring(page.dataset.slips));
	return courseSearch.findMeant?.(word, typing, { termOf, shardOf, near, hash, SYLLABLE, has: async (term) => (await loadShards([term]), count(term)) });
}

function readQuery(text, typing) {
	text = text.normalize("NFC");
	const all = [...readWords(text)].filter(({ last }) => !last), form = all.every(({ written }) => fold(written) === written.toLowerCase()) ? fold : String;
	const fillers = index.labels.fillers.split(" ").map(form);
	const words = all.slice(0, MOST_WORDS).map(({ written }) => {
		const lower = written.toLowerCase(), read = meant.get(lower) ?? { folded: fold(written), written: lower };
		const { folded } = read, term = termOf(folded), spelled = spell(read.written);
		const filler = 2 * fillers.includes(lower), twin = filler ? "" : findTwin(folded);
		return { lower, folded, term, spelled, exact: read.written !== folded && near(term, "=" + spelled), filler, twin, twinTerm: twin && termOf(twin) };
	});
	if (words.every(({ filler }) => filler)) for (const word of words) word.filler = 0;
	while (words[0]?.filler && words.filter(({ filler }) => !filler)[1]) words.shift();
	let open = /[\p{L}\p{N}]\p{M}*$/u.test(text) && !all[MOST_WORDS]; // its last word may go on
	// One letter, or what is dear, only shows where it follows other words.
	const end = words.at(-1), sparing = typing && isLarge(), isLetter = /^\p{L}$/u.test(end?.folded) && !FOREIGN.test(end.folded);
	const isDear = words[1] && sparing && spent > TYPING && !loads.has(shardOf(end.term));
	const begun = open && (isDear || isLetter && (words[1] || sparing)) && words.pop();
	const last = words.at(-1)?.folded;
	if (begun || (last?.length < 2 && !FOREIGN.test(last))) open = false;
	const start = open && first(last);
	const prefix = start && near(hash(start), start + "*");
	const pairs = words.slice(1).map(({ term }, at) => (Math.imul(words[at].term, 0x9e3779b1) + term) & MASK);
	const before = "^" + words.slice(0, -1).map(({ folded }) => folded + " ").join(""), { twin, twinTerm } = words.at(-1) ?? {};
	const title = last && near(words[0].term, before + last), twinTitle = twin && near(words[1] ? words[0].term : twinTerm, before + twin);
	const terms = [...words.flatMap(({ term, exact }) => [term, exact]), prefix, title].filter(Boolean);
	return { words, last, open, begun, prefix, pairs, title, twinTitle, terms, key: JSON.stringify([words, begun, open]) };
}
const loadShards = (terms) => Promise.all(terms.map(shardOf).map(load));
async function loadQuery(text, typing) {
	const query = readQuery(text, typing), { words, prefix, pairs, terms } = query;
	await loadShards(typing || spent > REST ? terms : [...terms, ...pairs, ...words.map(({ twinTerm }) => twinTerm).filter(Boolean)]);
	const known = words.map(({ term }) => count(term));
	for (const [at, word] of words.entries()) {
		if (known[at] || count(word.twinTerm) || meant.has(word.lower) || (prefix && !words[at + 1] && (typing || count(prefix)))) continue;
		const found = await findMeant(word, typing);
		if (!found) continue;
		meant.set(word.lower, found);
		return loadQuery(text, typing);
	}
	if (typing && prefix && (spent > TYPING || known.at(-1) < count(prefix) / 2)) known.pop();
	if (typing && spent < TYPING) await loadShards(pairs.filter((_, at) => known[at] && known[at + 1]));
	return query;
}

// As in pipeline/search/shards.py
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
		if (value > 31) return;
		slots.push(slot += gap + 1);
		gap = 0;
	});
	return slots;
}
const found = new Map();
function find(term) {
	const shard = loads.get(shardOf(term));
	if (term && shard?.slice && !found.has(term)) {
		const key = [14, 8, 2].map((bits) => DIGITS[(term >> bits) & 63]).join("");
		const lists = `,${shard}`.split("," + key)[1]?.split(",", 1)[0];
		found.set(term, lists?.split(".").map(readList) ?? []);
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
function rank({ words, prefix, pairs, title, twinTitle }) {
	const zeros = () => new Int32Array(1 << index.slots), all = (1 << words.length) - 1;
	const [score, matched, inTitle, inHeading, exact, rows, weight, above] = Array.from({ length: 8 }, zeros);
	let total = 0, accented = 0, needed = 0;
	words.forEach((word, number) => {
		const bit = 1 << number, points = zeros(), take = (slot, value, kind) => {
			points[slot] = Math.max(points[slot], value);
			if (kind > 1) inHeading[slot] |= bit;
			if (kind > 2) inTitle[slot] |= bit;
		};
		let known = visitTerm(word.term, take) + visitTerm(word.twinTerm, (slot, value, kind) => take(slot, value >> 1, kind));
		if (2 * bit > all && !(known && word.folded.length > 5)) known += visitTerm(prefix, (slot, value, kind) => take(slot, value >> 1, kind));
		const rare = known && !word.filler && Math.max(1, index.slots - 30 + Math.clz32(known));
		total += rare;
		if (word.exact) accented += rare;
		if (!word.filler) needed |= bit;
		visitTerm(word.exact, (slot, value) => { exact[slot] += rare; score[slot] += value >> word.filler; });
		points.forEach((value, slot) => {
			score[slot] += value >> word.filler;
			if (!value || word.filler) return;
			matched[slot] |= bit;
			weight[slot] += rare;
			if (inTitle[slot] & bit) above[slot] += rare;
		});
	});
	const inRow = Math.floor(PHRASE / pairs.length);
	for (const term of pairs) visitTerm(term, (slot, value, kind) => {
		score[slot] += 2 * value + inRow;
		rows[slot] += kind > 1;
	});
	for (const [shift, term] of [title, twinTitle].entries()) visitTerm(term, (slot, _, kind) => { score[slot] += WHOLE[kind] >> shift; });
	const whole = matched.filter((bits) => bits === needed).length, slots = [];
	weight.forEach((value, slot) => {
		if (2 * value < total || !value || (whole >= ENOUGH && needed === all && words.length < 4 && matched[slot] !== needed)) return;
		score[slot] += Math.floor(TITLE * above[slot] / total) - Math.floor(MISSING * (total - value) / total);
		if (inHeading[slot] === all && rows[slot] === pairs.length) score[slot] += HEADING;
		if (accented) score[slot] += Math.floor(EXACT * exact[slot] / accented);
		slots.push(slot);
	});
	return { slots: slots.sort((a, b) => score[b] - score[a] || a - b), some: slots[0] >= 0 && !whole };
}

// Excerpts
function findHits(text, { words, last, open, begun }) {
	let before;
	return [...readWords(text)].flatMap(({ written, start }, number) => {
		const folded = fold(written), spelled = spell(written);
		// `cơ` is not `có`, but may be `co`.
		const counts = (wanted) => !wanted.exact || spelled === folded || spelled.startsWith(wanted.spelled);
		let word = words.findIndex((wanted) => (folded === wanted.folded || folded === wanted.twin) && counts(wanted));
		if (word < 0 && open && folded.startsWith(last) && counts(words.at(-1))) word = words.length - 1;
		if (word < 0 && begun && before === words.length - 1 && folded.startsWith(begun.folded)) word = words.length;
		before = word;
		return word < 0 ? [] : [{ number, start, end: start + written.length, word, exact: spelled === words[word]?.spelled }];
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
	for (let { start, end } of findHits(text, query)) {
		start = Math.max(start, at);
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
	let before = "";
	input.oninput = () => {
		const { value } = input, typing = Math.abs(value.length - before.length) < 3 && value.startsWith(before.slice(0, -2));
		if (!typing || !before) spent = 0;
		before = value;
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
		chosen = items[active < 0 && step < 0 ? count - 1 : (active + step + count) % count].card;
		select();
	}
}
function select() {
	const all = [...items];
	active = all.findIndex(({ card }) => card === chosen);
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
	const link = make("a", { href: `${root}${encodeURIComponent(name).replaceAll("%2F", "/")}.html${anchor}`, id: `search-${place}`, role: "option", tabindex: -1 },
		marked("search-title", title, query), " ", make("span", { class: "search-trail" }, trail));
	if (found.heading) link.append(" ", marked("search-heading", found.heading, query));
	if (found.value) link.append(" ", marked("search-excerpt", cutExcerpt(found), query));
	return make("li", { role: "presentation" }, link);
}
function say(label, count = 0) {
	box.status.textContent = (index.labels[label] ?? "").replace("{count}", count.toLocaleString(page.lang || []));
}
/** `typing`: another key may follow. */
async function run(typing) {
	const mine = ++turn, { list, input } = box, slow = setTimeout(() => mine === turn && say("loading"), 400);
	if (box.failed) await begin(); // the site may be another
	let failed, query = await loadQuery(input.value, typing).catch(() => (failed = "failed", {}));
	if (mine !== turn) return;
	const { slots, some } = failed ? { slots: [] } : rank(query);
	let room = (typing ? TYPING : REST) - spent, place = 0;
	const isFree = (slot, at) => loads.has(cardFile(slot)) || (room -= CARDS) > 0 || (!typing && at < TYPED);
	let best = slots.slice(0, SHOWN).filter(isFree).slice(0, typing ? TYPED : SHOWN);
	if (!best[0]) {
		if (typing && slots[0] && items[0]) return clearTimeout(slow);
		best = slots.slice(0, 1);
	}
	for (const part of [best.slice(0, TYPED), best.slice(TYPED)]) {
		for (const coming of part.map((slot) => loadCard(slot).catch(() => { failed = "failed"; }))) {
			const card = await coming, shown = items[place];
			if (mine !== turn) return;
			if (!card) continue;
			if (shown?.card !== card || shown.key !== query.key) {
				const item = Object.assign(showResult(card, query, place), { key: query.key, card });
				shown ? shown.replaceWith(item) : list.append(item);
			}
			place++;
			select();
		}
	}
	while (items[place]) items[place].remove();
	select();
	box.turn = typing && query.begun ? 0 : mine;
	box.failed = failed;
	clearTimeout(slow);
	say(failed ?? (query.last && (some ? "some" : ["none", "one"][slots.length] ?? "many")), slots.length);
	if (follows && box.turn) follow();
	list.dataset.query = input.value;
}
/** `early`: what is typed before there is a box. */
async function open(early = {}) {
	if (box?.input.disabled) box = box.dialog.remove();
	if (!box) {
		await Promise.all([begin(), arrive(make("link", { rel: "stylesheet", href: page.dataset.searchStyle }))]);
		box ??= build(index);
		if (index.format !== 5) {
			box.input.disabled = true;
			say("failed");
		}
	}
	box.dialog.open || box.dialog.showModal();
	box.input.select();
	if (early.text) {
		box.input.value = early.text;
		box.input.oninput();
		follows = early.enter;
	}
}
window.courseSearch = { open, put };
})();
