/* What a page can do besides being read: theme, course tree, search, contents, copying.
   A classic script without fetch or modules, so that all of it works from a disk. The page is whole
   without it. What differs from page to page stands in attributes: <html data-root data-page
   data-search>, and the words of the interface on the <script> itself. */
"use strict";
(() => {
  const page = document.documentElement;
  const words = document.currentScript.dataset;
  const wide = matchMedia("(min-width: 64em)");
  const widest = matchMedia("(min-width: 80em)");
  const root = page.dataset.root;

  // An author can write any class and id, but nothing beside the text: what is the page's own is found by its place.
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // A browser may refuse storage altogether: then nothing is remembered.
  const memory = {
    read(name) { try { return localStorage.getItem(name); } catch { return null; } },
    write(name, value) {
      try { if (value) localStorage.setItem(name, value); else localStorage.removeItem(name); } catch { /* refused */ }
    },
  };

  function load(url) {
    return new Promise((done, fail) => {
      const script = make("script", { src: url });
      script.onload = done;
      script.onerror = () => { script.remove(); fail(new Error(url)); };
      document.head.append(script);
    });
  }

  // --- theme: as the system has it, light, dark ---

  function setUpTheme(button) {
    const modes = ["auto", "light", "dark"];
    const current = () => (modes.includes(page.dataset.theme) ? page.dataset.theme : "auto");
    const show = () => {
      const label = `${words.theme}: ${words[current()]}`;
      button.setAttribute("aria-label", label);
      button.title = label;
    };
    button.onclick = () => {
      const next = modes[(modes.indexOf(current()) + 1) % modes.length];
      if (next === "auto") delete page.dataset.theme; else page.dataset.theme = next;
      memory.write("courseTheme", next === "auto" ? "" : next);
      show();
    };
    show();
    button.hidden = false;
  }

  // --- course tree: one file for all pages, loaded when it is first opened ---

  function setUpTree(button) {
    const here = page.dataset.page || "";
    // Courses on one host share the browser's memory.
    const memoryOfBranches = `courseBranches ${new URL(root, location).pathname}`;
    const opened = new Set((memory.read(memoryOfBranches) || "").split("\n").filter(Boolean));
    let panel = null;
    let loading = null;

    const urlOf = (path) => `${root}${path.split("/").map(encodeURIComponent).join("/")}.html`;
    const isAbove = (path) => here.startsWith(`${path}/`);

    function link(title, path) {
      const anchor = make("a", { href: urlOf(path) }, title);
      if (path === here) anchor.setAttribute("aria-current", "page");
      return anchor;
    }

    // A section's own items are made when it is first opened: a course may have thousands.
    function item([title, name, children], folder) {
      if (!children) return make("li", {}, link(title, folder + name));
      const path = folder + name;
      const toggle = make("button", { type: "button", "aria-label": title, "aria-expanded": "false" });
      const line = make("li", {}, toggle, link(title, `${path}/index`));
      let list = null;
      const turn = (open) => {
        toggle.setAttribute("aria-expanded", String(open));
        if (open && !list) line.append(list = make("ul", {}, ...children.map((child) => item(child, `${path}/`))));
        if (list) list.hidden = !open;
      };
      toggle.onclick = () => {
        const open = toggle.getAttribute("aria-expanded") === "false";
        turn(open);
        if (open) opened.add(path); else opened.delete(path);
        memory.write(memoryOfBranches, [...opened].join("\n"));
      };
      if (isAbove(path) || opened.has(path)) turn(true);
      return line;
    }

    window.courseTree = (nodes) => {
      const close = make("button", { type: "button" }, words.close);
      close.onclick = () => hide();
      panel = make("dialog", { class: "tree", "aria-label": words.contents },
        make("div", { class: "tree-head" }, make("span", {}, words.contents), close),
        make("nav", { "aria-label": words.contents }, make("ul", {}, ...nodes.map((node) => item(node, "")))));
      panel.addEventListener("close", () => button.setAttribute("aria-expanded", "false"));
      // A click beside the drawer closes it.
      panel.addEventListener("click", (event) => { if (event.target === panel) hide(); });
      one("body > .columns").prepend(panel);
    };

    async function show(byHand) {
      try {
        await (loading = loading || load(`${root}_site/tree.js`));
      } catch {
        loading = null;
        page.classList.remove("tree-open");
        return;
      }
      if (panel.open) return;
      if (!widest.matches) panel.showModal();
      else if (byHand) panel.show();
      else panel.setAttribute("open", ""); // as it was on the last page: the reader's focus stays where it is
      page.classList.toggle("tree-open", widest.matches);
      button.setAttribute("aria-expanded", "true");
      if (byHand) memory.write("courseTree", widest.matches ? "open" : "");
      const current = one("[aria-current]", panel);
      if (current) {
        if (byHand) current.focus({ preventScroll: true });
        panel.scrollTop += current.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 2;
      }
    }

    function hide() {
      panel.close();
      page.classList.remove("tree-open");
      memory.write("courseTree", "");
      button.focus();
    }

    button.onclick = () => { if (panel && panel.open) hide(); else show(true); };
    // Beside the text there is room on wide screens only; a drawer would be in the way on the next page.
    const follow = () => {
      if (panel && panel.open) { panel.close(); page.classList.remove("tree-open"); }
      if (memory.read("courseTree") && widest.matches) show(false); else page.classList.remove("tree-open");
    };
    widest.addEventListener("change", follow);
    follow();
    button.hidden = false;
  }

  // --- search: its script is loaded on first use and brings its own dialog ---

  function setUpSearch(button) {
    let loading = null;
    let early = null; // what is typed before the box is there: the first use waits for its script
    const take = (key) => {
      if (key === "Enter") early.enter = true;
      else early.text = key === "Backspace" ? early.text.slice(0, -1) : early.text + key;
    };
    const open = async () => {
      try {
        early = early || { text: "", enter: false };
        await (loading = loading || load(page.dataset.search));
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
      if (early && !event.ctrlKey && !event.metaKey && !event.altKey && /^(.|Enter|Backspace)$/u.test(event.key)) {
        event.preventDefault();
        take(event.key);
        return;
      }
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      const plain = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing;
      if (plain || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        open();
      }
    });
    button.hidden = false;
  }

  // --- contents: open beside the text, and the heading that is being read is marked ---

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
    let marked = null;
    const mark = () => {
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 4);
      const anchor = links.get(passed.pop());
      if (anchor === marked) return;
      if (marked) marked.removeAttribute("aria-current");
      if (anchor) {
        anchor.setAttribute("aria-current", "location");
        const box = anchor.getBoundingClientRect();
        const room = contents.getBoundingClientRect();
        if (box.top < room.top || box.bottom > room.bottom) contents.scrollTop += box.top - room.top - room.height / 2;
      }
      marked = anchor || null;
    };
    // Called when a heading crosses the line a quarter down the window, not on every scroll; what is
    // above the window counts as crossed, or a jump would be missed.
    const observer = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -75% 0px" });
    headings.forEach((heading) => observer.observe(heading));
  }

  function setUpSiblings(list) {
    const current = one("[aria-current]", list);
    if (current) list.scrollTop += current.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
  }

  // --- code ---

  function setUpCopying(blocks) {
    const status = make("div", { class: "visually-hidden", role: "status" });
    document.body.append(status);
    // A browser may have no clipboard (plain HTTP) or refuse it: then the old way, and at the worst
    // the code is left selected for the reader's own keys.
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
      const button = make("button", { type: "button", class: "copy" }, words.copy);
      button.onclick = async () => {
        if (!await copy(one("pre", block))) return;
        button.textContent = status.textContent = words.copied;
        button.classList.add("done");
        setTimeout(() => {
          button.textContent = words.copy;
          status.textContent = "";
          button.classList.remove("done");
        }, 2000);
      };
      block.append(button);
    }
  }

  // --- formulas: copied as the TeX that they were written in ---

  function copyFormulas(event) {
    const selection = getSelection();
    if (!selection.rangeCount) return;
    const range = selection.getRangeAt(0).cloneRange();
    const around = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("math");
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

  // --- paper: nothing on it can be unfolded ---

  function setUpPrinting(folded) {
    const turn = (open) => folded.forEach((details) => { details.open = open; });
    addEventListener("beforeprint", () => {
      folded = folded.filter((details) => !details.open);
      turn(true);
    });
    addEventListener("afterprint", () => {
      turn(false);
      folded = all("article details");
    });
  }

  // --- what scrolls sideways can be reached by keyboard ---

  function setUpScrolling(boxes) {
    const observer = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      }
    });
    boxes.forEach((box) => observer.observe(box));
  }

  // Each part stands alone: one that fails is told to whoever looks at the console, and stops no other.
  const part = (found, setUp) => {
    try { if (found) setUp(found); } catch (error) { console.error(error); }
  };
  part(one("body > header > .theme"), setUpTheme);
  part(one("body > header > .tree-button"), setUpTree);
  part(page.dataset.search && one("body > header > .search"), setUpSearch);
  part(one("body > .columns > .toc"), setUpContents);
  part(one("body > .columns > .siblings"), setUpSiblings);
  const blocks = all("div.code").filter((block) => one(":scope > pre", block));
  part(blocks.length && blocks, setUpCopying);
  part(all("pre, .table, .math"), setUpScrolling);
  part(one("math"), () => document.addEventListener("copy", copyFormulas));
  part(all("article details"), setUpPrinting);
})();
