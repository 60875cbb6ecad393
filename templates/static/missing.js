/* On the page for what does not exist: the pages whose names or titles are nearest to the address, from the course tree. */
"use strict";
(() => {
  const SHOWN = 5, LEAST = 0.35; // pages; how near, 0 to 1
  const page = document.documentElement, root = page.dataset.root;
  const section = document.querySelector("main .nearest"), search = document.querySelector("main .search");
  const header = document.querySelector("body > header > .search");

  /** The pairs of letters of a text, without case, signs and diacritics. */
  function pairsOf(text) {
    const plain = text.toLowerCase().normalize("NFKD").replaceAll("đ", "d").replace(/[^\p{L}\p{N}]/gu, "");
    return new Set([...plain].slice(1).map((letter, at) => plain[at] + letter));
  }
  const alike = (one, other) => 2 * [...one].filter((pair) => other.has(pair)).length / (one.size + other.size || 1);

  function* pagesIn(nodes, folder) {
    for (const [title, name, children] of nodes) {
      const path = name[0] === "/" ? name.slice(1) : folder + name;
      yield { title, path: path + (children ? "/index" : ""), name };
      if (children) yield* pagesIn(children, `${path}/`);
    }
  }

  function show(nodes) {
    let address = location.pathname;
    try { address = decodeURIComponent(address); } catch { /* as it is */ }
    const wanted = pairsOf(address.replace(/\/(index\.\w+)?$|\.\w+$/g, "").split("/").pop());
    const near = [...pagesIn(nodes, "")].map((found) => (
      { ...found, nearness: Math.max(alike(wanted, pairsOf(found.name)), alike(wanted, pairsOf(found.title))) }));
    near.sort((a, b) => b.nearness - a.nearness);
    const least = Math.max(LEAST, near[0].nearness / 2);
    const shown = near.filter(({ nearness }) => nearness >= least).slice(0, SHOWN);
    for (const { title, path } of shown) {
      const link = document.createElement("a"), item = document.createElement("li");
      link.href = `${root}${path.split("/").map(encodeURIComponent).join("/")}.html`;
      link.textContent = title;
      item.append(link);
      section.querySelector("ul").append(item);
    }
    section.hidden = !shown.length;
  }

  if (section) {
    const before = window.courseTree, script = document.createElement("script");
    window.courseTree = (nodes) => {
      window.courseTree = before;
      show(nodes);
    };
    script.src = `${root}_site/tree.js`;
    script.onerror = () => { window.courseTree = before; };
    document.head.append(script);
  }
  if (search && header && !header.hidden) {
    search.hidden = false;
    search.onclick = () => header.click();
  }
})();
