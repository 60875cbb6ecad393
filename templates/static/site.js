/* What a page can do besides being read. No fetch, no modules: it works from a disk. In the head, not deferred: what it
remembers is there at the first paint. The line before is `courseFacts` (pipeline/statics.py). */
(() => {
	"use strict";
	const page = document.documentElement;
	const { words, files } = courseFacts;
	const wide = matchMedia("(min-width: 64em)");
	const widest = matchMedia("(min-width: 75em)"); // the tree stands beside the text
	const root = page.dataset.root = new URL("../", document.currentScript.src).href;
	for (const name in files) page.dataset[name] = root + files[name];
	const top = new URL(root).pathname; // courses on one host share the browser's memory

	const one = (selector, within = document) => within.querySelector(selector);
	const own = (place) => one(`body > ${place}`); // an author can write any class and id, but nothing beside the text
	const all = (selector, within = document) => [...within.querySelectorAll(selector)];

	function make(tag, attributes, ...children) {
		const element = document.createElement(tag);
		for (const name in attributes) element.setAttribute(name, attributes[name]);
		element.append(...children);
		return element;
	}

	// A browser may refuse storage; not every address can be decoded.
	const tried = (use) => { try { return use(); } catch { /* without */ } };
	const memory = {
		read: (name) => tried(() => localStorage.getItem(name)),
		write: (name, value) => tried(() => value ? localStorage.setItem(name, value) : localStorage.removeItem(name)),
	};

	// Some servers leave out `index.html` or `.html`.
	function nameOf({ pathname }) {
		const name = pathname.slice(top.length).replace(/(^|\/)$/, "$1index").replace(/\.html$/, "");
		return tried(() => decodeURIComponent(name)) ?? name;
	}
	const here = nameOf(location);
	const urlOf = (path) => `${root}${path.split("/").map(encodeURIComponent).join("/")}.html`;

	const load = (src) => new Promise((onload, fail) => {
		const script = Object.assign(make("script", { src }), { onload, onerror() { script.remove(); fail(new Error(src)); } });
		document.head.append(script);
	});

	const theme = memory.read("courseTheme");
	if (theme) page.dataset.theme = theme;
	page.className = `js${memory.read("courseTree") ? " tree-closed" : ""}${memory.read(`coursePlace ${top}`) ? " placed" : ""}`;

	// --- theme ---

	function setUpTheme(button) {
		const modes = ["", "light", "dark"];
		const current = () => Math.max(0, modes.indexOf(page.dataset.theme));
		const show = () => { button.ariaLabel = button.title = `${words.theme}: ${words[modes[current()] || "automatic"]}`; };
		button.onclick = () => {
			const next = modes[(current() + 1) % 3];
			page.dataset.theme = next;
			memory.write("courseTheme", next);
			show();
		};
		show();
		button.hidden = false;
	}

	// --- course tree: a part is in the page, the rest in one file ---

	function setUpTree(panel) {
		const button = own("header > .tree-button");
		const isBeside = () => widest.matches && !panel.classList.contains("drawer");
		const toggles = new Map();
		let loading;

		const folderOf = (path) => path.replace(/\/?index$/, "");
		const above = new Set([folderOf(here)]); // the sections that this page is in
		const pathIn = (folder, name) => name[0] === "/" ? name.slice(1) : folder + name;

		function link(title, path) {
			const anchor = make("a", { href: urlOf(path) }, title);
			if (path === here) anchor.setAttribute("aria-current", "page");
			return anchor;
		}

		function toggle(title, path, isOpen, turn) {
			const arrow = make("button", { "aria-label": title, "aria-expanded": isOpen });
			arrow.onclick = () => turn(arrow.getAttribute("aria-expanded") === "false");
			toggles.set(path, arrow);
			return arrow;
		}

		// A section's own items are made when it is first opened: a course may have thousands.
		function item([title, name, children], folder) {
			const path = pathIn(folder, name);
			if (!children) return make("li", {}, link(title, path));
			const line = make("li", { class: "branch" }, link(title, `${path}/index`));
			let list;
			const turn = (open) => {
				arrow.setAttribute("aria-expanded", open);
				if (open && !list) line.append(list = make("ul", {}, ...children.map((child) => item(child, `${path}/`))));
				if (list) list.hidden = !open;
			};
			const arrow = toggle(title, path, false, turn);
			line.append(arrow);
			if (above.has(path)) turn(true);
			return line;
		}

		function showCurrent() {
			const current = one("[aria-current]", panel);
			if (current) panel.scrollTop += current.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 2;
		}

		window.courseTree = (nodes) => {
			all(":scope > ul", panel).forEach((list) => list.remove());
			panel.append(make("ul", {}, ...nodes.map((node) => item(node, ""))));
			showCurrent();
		};
		const fill = () => loading ||= load(`${root}_site/tree.js`).catch(() => { loading = null; });

		for (const line of all("li.branch", panel)) {
			const anchor = one("a", line);
			const path = anchor.hash ? folderOf(here) : folderOf(nameOf(anchor));
			const isOpen = !!one(":scope > ul", line);
			if (isOpen) above.add(path);
			line.append(toggle(anchor.textContent, path, isOpen, async (open) => {
				await fill();
				const arrow = toggles.get(path);
				if (!loading || !arrow) location = anchor.href; // without its file each section has its page
				else if (arrow.getAttribute("aria-expanded") !== String(open)) arrow.click();
				arrow?.focus({ preventScroll: true });
			}));
		}
		panel.addEventListener("toggle", ({ newState }) => { if (newState === "open") { showCurrent(); fill(); } });
		// A name that is cut is shown whole where one points.
		panel.addEventListener("pointerover", ({ target }) => {
			if (target.scrollHeight > target.clientHeight + 1 && target.localName === "a") target.title = target.textContent;
		});
		const tell = () => {
			if (isBeside()) button.setAttribute("aria-expanded", !page.classList.contains("tree-closed"));
			else button.removeAttribute("aria-expanded"); // a browser knows it of a drawer
		};
		button.addEventListener("click", (event) => {
			if (!isBeside()) return;
			event.preventDefault();
			memory.write("courseTree", page.classList.toggle("tree-closed") && "closed");
			tell();
			showCurrent();
		});
		widest.addEventListener("change", () => { panel.hidePopover?.(); tell(); showCurrent(); });
		tell();
		showCurrent();
		button.hidden = false;
	}

	// --- the lesson that was read last ---

	function setUpPlace(heading) {
		const name = `coursePlace ${top}`;
		if (document.body.classList.contains("lesson")) return memory.write(name, `${here}\n${heading.innerText}`);
		const [path, title] = (memory.read(name) || "").split("\n");
		const link = one("article > .start > .continue");
		if (!title || !link) return;
		link.href = urlOf(path);
		link.append(title);
		link.hidden = false;
	}

	// --- the sign in the browser's tab, if the course has none: its first letter ---

	function setUpIcon(name) {
		const letter = name.textContent.match(/[\p{L}\p{N}]/u)?.[0].toUpperCase() ?? "";
		const colour = (name) => getComputedStyle(page).getPropertyValue(name);
		const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-11 -11 22 22"><circle r="11" fill="${colour("--accent")}"/><text x="-6" y="6" fill="${colour("--ground")}">${letter}</text></svg>`;
		document.head.append(make("link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(drawn)}` }));
	}

	// --- search: its script brings its own dialog ---

	function setUpSearch(button) {
		let loading;
		let early; // what is typed before the box is there
		const open = async () => {
			try {
				early ||= { text: "", enter: false };
				await (loading ||= load(page.dataset.search));
				await window.courseSearch.open(early);
			} catch (error) {
				loading = null;
				throw error;
			} finally {
				early = null;
			}
		};
		button.onclick = open;
		document.addEventListener("keydown", (event) => {
			const { key } = event;
			const isHeld = event.ctrlKey || event.metaKey;
			const isPlain = !isHeld && !event.altKey;
			if (early && isPlain && /^(.|Enter|Backspace)$/u.test(key)) {
				event.preventDefault();
				if (key === "Enter") early.enter = true;
				else early.text = key === "Backspace" ? early.text.slice(0, -1) : early.text + key;
			} else if (key === "/" ? isPlain && !event.target.closest("input, textarea, select, [contenteditable]") : key === "k" && isHeld) {
				event.preventDefault();
				open();
			}
		});
		button.setAttribute("aria-keyshortcuts", "/");
		button.hidden = false;
	}

	// --- contents: open beside the text; the heading that is being read is marked ---

	function setUpContents(contents) {
		const list = one("details", contents);
		const fit = () => {
			list.open = wide.matches;
			one("summary", list).tabIndex = wide.matches ? -1 : 0; // beside the text there is nothing to fold
		};
		wide.addEventListener("change", fit);
		fit();
		const links = new Map();
		for (const anchor of all("a", contents)) {
			const heading = document.getElementById(anchor.getAttribute("href").slice(1)); // as it is: 100% cannot be decoded
			if (heading) links.set(heading, anchor);
		}
		const headings = [...links.keys()];
		let marked;
		const mark = () => {
			const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 4);
			const anchor = links.get(passed.pop());
			if (anchor === marked) return;
			marked?.removeAttribute("aria-current");
			if (anchor) {
				anchor.setAttribute("aria-current", "location");
				const box = anchor.getBoundingClientRect();
				const room = contents.getBoundingClientRect();
				if (box.top < room.top || box.bottom > room.bottom) contents.scrollTop += box.top - room.top - room.height / 2;
			}
			marked = anchor;
		};
		// Called when a heading crosses a line, not on every scroll; above the window counts as crossed, or a jump is missed.
		const observer = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -75% 0px" });
		headings.forEach((heading) => observer.observe(heading));
	}

	// --- headings lead to themselves, for the mouse; pictures that are shown smaller than they are open ---

	function setUpArticle(article) {
		for (const heading of all(":is(h1, h2, h3, h4, h5, h6)[id]", article)) {
			heading.prepend(make("a", { class: "anchor", href: `#${heading.id}`, "aria-hidden": true, tabindex: -1 }));
		}
		const enlarge = (image) => {
			const picture = make("img", { src: image.currentSrc || image.src, alt: image.alt });
			const dialog = make("dialog", { class: "picture", "aria-label": image.alt || words.enlarge }, picture, make("button", {}, words.close));
			dialog.onclick = () => dialog.close();
			dialog.onclose = () => dialog.remove();
			document.body.append(dialog);
			dialog.showModal();
		};
		const offer = (image) => {
			if (image.closest("a, button, summary") || image.naturalWidth <= image.clientWidth * 1.05) return;
			Object.assign(image, { role: "button", tabIndex: 0, title: words.enlarge });
			image.onclick = () => enlarge(image);
			image.onkeydown = (event) => {
				if (!/^(Enter| )$/.test(event.key)) return;
				event.preventDefault();
				enlarge(image);
			};
		};
		for (const image of all("img", article)) {
			if (image.complete) offer(image);
			else image.addEventListener("load", () => offer(image), { once: true });
		}
	}

	// --- code ---

	function setUpCopying(blocks) {
		const status = make("div", { class: "visually-hidden", role: "status" });
		document.body.append(status);
		// Without a clipboard the old way; at the worst the code is left selected for the reader's own keys.
		async function copy(code) {
			try {
				await navigator.clipboard.writeText(code.textContent);
				return true;
			} catch {
				getSelection().selectAllChildren(code);
				return document.execCommand("copy");
			}
		}
		for (const block of blocks) {
			const button = make("button", { class: "copy" }, words.copy);
			const say = (word, told) => {
				button.textContent = word;
				status.textContent = told;
				button.classList.toggle("done", told);
			};
			button.onclick = async () => {
				if (!await copy(one("pre", block))) return;
				say(words.copied, words.copied);
				setTimeout(say, 2000, words.copy, "");
			};
			block.append(button);
		}
	}

	// --- formulas: copied as the TeX that they were written in ---

	function copyFormulas(event) {
		const selection = getSelection();
		if (!selection.rangeCount) return;
		const range = selection.getRangeAt(0).cloneRange();
		const around = (node) => (node.closest ? node : node.parentElement).closest("math");
		const [first, last] = [around(range.startContainer), around(range.endContainer)];
		if (first) range.setStartBefore(first);
		if (last) range.setEndAfter(last);
		const copied = make("div", {}, range.cloneContents());
		const formulas = all("math", copied);
		for (const formula of formulas) {
			const sign = formula.getAttribute("display") ? "$$" : "$";
			const tex = one("annotation", formula);
			if (tex) formula.replaceWith(sign + tex.textContent + sign);
		}
		if (!formulas.length) return;
		document.body.append(copied); // only what is on the page has lines
		event.clipboardData.setData("text/plain", copied.innerText);
		event.clipboardData.setData("text/html", copied.innerHTML);
		copied.remove();
		event.preventDefault();
	}

	// --- what scrolls can be reached by keyboard ---

	function setUpScrolling(boxes) {
		const observer = new ResizeObserver((entries) => {
			for (const { target } of entries) {
				const { scrollWidth, clientWidth, scrollHeight, clientHeight } = target;
				if (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1) target.tabIndex = 0;
				else target.removeAttribute("tabindex");
			}
		});
		boxes.forEach((box) => observer.observe(box));
	}

	// --- paper: nothing on it can be unfolded ---

	addEventListener("beforeprint", () => all("article details:not([open])").forEach((details) => {
		details.open = true;
		addEventListener("afterprint", () => { details.open = false; }, { once: true });
	}));

	// Each part stands alone: one that fails stops no other.
	const part = (found, setUp) => {
		try { if (found) setUp(found); } catch (error) { console.error(error); }
	};
	document.addEventListener("readystatechange", () => { // before deferred scripts
		part(!one("link[rel=icon]") && own("header > .course"), setUpIcon);
		part(own("header > .theme"), setUpTheme);
		part(own(".columns > .tree"), setUpTree);
		part(own(".columns > main > article > h1"), setUpPlace);
		part(own(".columns > main > article"), setUpArticle);
		part(page.dataset.search && own("header > .search"), setUpSearch);
		part(own(".columns > .toc"), setUpContents);
		const blocks = all("div.code").filter((block) => one(":scope > pre", block));
		part(blocks.length && blocks, setUpCopying);
		part(all("pre, .table, .math"), setUpScrolling);
		part(one("math"), () => document.addEventListener("copy", copyFormulas));
	}, { once: true });
})();
