/* In each page of the preview: shows what is built anew, and what is wrong. Never in the site itself.

   A page that is loaded anew does all its work again. So what can be put in its place is: style sheets, and text that no
   script of the page is at work on. The rest is a reload. */
"use strict";
(() => {
  const own = document.currentScript;
  const folder = new URL(".", own.src);
  let number = Number(own.dataset.number); // of the report that stood when the page was read
  let shown = null;
  let mark = own.dataset.page; // of the page as it is here
  let served = null; // the same page as the server gave it, before any script was at work on it

  function make(name, properties, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  function show(faults) {
    shown?.remove();
    shown = null;
    if (!faults.length) return;
    shown = make("section", { id: "preview-faults", role: "alert" },
      make("strong", { textContent: faults.length === 1 ? "1 error" : `${faults.length} errors` }),
      ...faults.map((fault) => make("pre", { textContent: fault })));
    document.body.append(shown);
  }

  const sheets = (page) => [...page.querySelectorAll('link[rel="stylesheet"]:not([data-preview])')];

  // The old sheet goes when the new one is there: the page is never without.
  function swap(links) {
    sheets(document).forEach((old, place) => {
      const href = links[place].getAttribute("href");
      if (old.getAttribute("href") === href) return;
      const link = make("link", { rel: "stylesheet", href });
      link.onload = link.onerror = () => old.remove();
      old.after(link);
    });
  }

  // --- what is another: nothing, style sheets, some of the text, or more ---

  async function fetchPage() {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    page.querySelector("script[data-page]")?.remove();
    return { mark: answer.headers.get("X-Page"), page };
  }

  // What scripts of the page are at work on, and what is listed elsewhere in it.
  const BUSY = "[id], [class], a[href^='#'], h1, h2, h3, h4, h5, h6, img, pre, table, details, audio, video, input, button, script, style";
  const isBusy = (node) => node.nodeType === Node.ELEMENT_NODE && (node.matches(BUSY) || node.querySelector(BUSY) !== null);

  function isSameAround(one, other) {
    const [a, b] = [one, other].map((page) => {
      const whole = page.documentElement.cloneNode(true);
      whole.querySelector("main > article").replaceChildren();
      whole.querySelectorAll("meta, script[type]").forEach((element) => element.remove()); // for programs, not for a reader
      return whole;
    });
    return a.isEqualNode(b);
  }

  // Puts new paragraphs in the place of old ones. False where that is not all there is to do.
  function patch(old, page) {
    const articles = [document, old, page].map((each) => each.querySelector("main > article"));
    if (articles.includes(null)) return false;
    const [here, before, after] = articles.map((article) => [...article.childNodes]);
    if (here.length !== before.length || here.some((node, place) => node.nodeName !== before[place].nodeName)) return false;
    const least = Math.min(before.length, after.length);
    let start = 0;
    let end = 0;
    while (start < least && before[start].isEqualNode(after[start])) start += 1;
    while (end < least - start && before.at(-1 - end).isEqualNode(after.at(-1 - end))) end += 1;
    const [shownHere, gone, come] = [here, before, after].map((list) => list.slice(start, list.length - end));
    if ([...gone, ...come].some(isBusy) || !isSameAround(old, page)) return false;
    const next = here[here.length - end] ?? null;
    shownHere.forEach((node) => node.remove());
    come.forEach((node) => articles[0].insertBefore(document.importNode(node, true), next));
    return true;
  }

  async function look() {
    const found = await fetchPage();
    const links = sheets(found.page);
    if (found.mark === mark && links.length === sheets(document).length) swap(links);
    else if (!served || !patch(served, found.page)) {
      location.reload(); // which keeps the place in the page
      return;
    }
    mark = found.mark;
    served = found.page;
  }

  function hear(event) {
    const report = JSON.parse(event.data);
    show(report.faults);
    if (report.number !== number) look().catch(() => {});
    number = report.number;
  }

  // A browser opens six connections to one host: a tab that nobody sees must not hold one.
  let source = null;
  function listen() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      source = new EventSource(new URL("events", folder));
      source.onmessage = hear;
    }
  }
  document.head.append(make("link", { rel: "stylesheet", href: new URL("live.css", folder) }));
  document.head.lastElementChild.dataset.preview = "";
  document.addEventListener("visibilitychange", listen);
  addEventListener("pageshow", listen);
  addEventListener("pagehide", () => { source?.close(); source = null; });
  listen();
  addEventListener("load", async () => {
    const found = await fetchPage();
    if (found.mark === mark) served ??= found.page;
  });
})();
