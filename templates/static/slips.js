/* What may have been meant by a word that no lesson has; loaded by search.js when a query has one. */
(() => {
"use strict";
const TONES = { s: "\u0301", f: "\u0300", r: "\u0309", x: "\u0303", j: "\u0323", 1: "\u0301", 2: "\u0300", 3: "\u0309", 4: "\u0303", 5: "\u0323" };
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const MOST_SHARDS = 8; // files of the index for words that might be meant
const SHORTEST = 5, EDGE = 3; // letters, as in pipeline/search/words.py

/** The keys of Telex or VNI as the word that they stand for: `ddaoj`, `d9ao5` -> `đạo`. */
function readKeys(word, { SYLLABLE }) {
	const hasStroke = /^d.*[d9]/.test(word);
	let [, onset, rest] = word.match(/^(dd|d9|qu|gi(?=[aeiouy])|[^aeiouy]*)(.*)/), tone = "";
	onset = onset.replace(/^d[d9]/, "d");
	rest = rest.replace(/[sfrxjz0-5]/g, (key) => { tone = TONES[key] ?? ""; return ""; });
	const hasHorn = /[w78]/.test(rest);
	rest = rest.replace(/[dw789]/g, "").replace(/([aeo])(.*)(\1|6)/, "$1\u0302$2");
	if (hasHorn) rest = rest.replace(/uo|u(?=a)|o(?!a)|[au]/, (found) => (found === "a" ? "a\u0306" : found.replace(/./g, "$&\u031b")));
	const folded = onset + rest.replace(/\p{M}/gu, "");
	if (SYLLABLE.test(folded)) return { folded, written: (hasStroke ? onset.replace("d", "đ") : onset) + rest + tone };
}

/** All that one letter in another place, more, less or other makes of a word: what is mistyped most often first. */
function readNear(word) {
	const swapped = [], shorter = [], others = [];
	for (let at = 0; at <= word.length; at++) {
		const before = word.slice(0, at), after = word.slice(at), rest = after.slice(1);
		if (rest) swapped.push(before + rest[0] + after[0] + rest.slice(1));
		if (after) shorter.push(before + rest);
		for (const letter of LETTERS) others.push(before + letter + after, before + letter + rest);
	}
	const found = new Set([...swapped, ...shorter, ...others]);
	found.delete(word);
	return [...found].filter(({ length }) => length >= SHORTEST);
}

/** `{ folded, written }` of the word that was meant, or nothing; between two keys other letters are not tried, which takes
	several files of the index. `index` has the terms of words (`termOf`) and of their first or last letters (`near` with a `hash`),
	in how many lessons a term is (`has`), and in which file (`shardOf`). */
async function findMeant({ lower, folded }, typing, index) {
	const typed = /^[a-z][a-z0-9]*$/.test(lower) && readKeys(lower, index);
	if (typed && typed.written !== lower && await index.has(index.termOf(typed.folded))) return typed;
	if (typing || !/^[a-z]{5,}$/.test(folded)) return;
	const edges = ["<" + folded.slice(0, EDGE), ">" + folded.slice(-EDGE)], shards = new Set();
	let best, most = 0;
	for (const word of readNear(folded)) {
		let isThere = false;
		for (const edge of edges) isThere ||= (edge[0] === "<" ? word.startsWith(edge.slice(1)) : word.endsWith(edge.slice(1))) && await index.has(index.near(index.hash(edge), word));
		const term = index.termOf(word), shard = index.shardOf(term);
		if (!isThere && !(index.SYLLABLE.test(word) && (shards.has(shard) || shards.add(shard).size <= MOST_SHARDS))) continue;
		const count = await index.has(term);
		if (count > most) [best, most] = [{ folded: word, written: word }, count];
	}
	return best;
}
courseSearch.findMeant = findMeant;
})();
