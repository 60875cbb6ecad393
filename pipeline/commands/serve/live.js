/* In each page of the preview: shows what is built anew, and what is wrong. Never in the site itself. */
"use strict";
(() => {
  const own = document.currentScript;
  const folder = new URL(".", own.src);
  let number = Number(own.dataset.number); // of the report that stood when the page was read
  let shown = null;

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

  async function look() {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.headers.get("X-Page") !== own.dataset.page) {
      location.reload(); // which keeps the place in the page
      return;
    }
    const links = sheets(new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (links.length === sheets(document).length) swap(links); else location.reload();
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
})();
