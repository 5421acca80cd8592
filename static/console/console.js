// The console's keys and dialogs. Everything works without them: links lead to pages, forms post.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

  async function openDialog(url) {
    const answer = await fetch(url, { headers: { "X-Fragment": "dialog" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) { location.assign(url); return; }
    const dialog = document.createElement("dialog");
    dialog.className = "mv-dialog";
    dialog.innerHTML = await answer.text();
    dialog.classList.toggle("is-wide", Boolean($(".mv-lines", dialog)));
    dialog.addEventListener("close", () => dialog.remove());
    $$("[data-close]", dialog).forEach((button) => button.addEventListener("click", () => dialog.close()));
    document.body.append(dialog);
    prepareLines(dialog);
    dialog.showModal();
    $("input:not([type=hidden]), select, textarea, button", dialog)?.focus();
  }

  function prepareLines(root) {
    $$("[data-add-line]", root).forEach((button) => button.addEventListener("click", () => {
      const body = $("[data-lines]", root), total = $("input[name$=TOTAL_FORMS]", root);
      const row = body.lastElementChild.cloneNode(true), index = Number(total.value);
      $$("input, select", row).forEach((field) => {
        field.name = field.name.replace(/-\d+-/, `-${index}-`);
        field.id = field.id.replace(/-\d+-/, `-${index}-`);
        if (field.name.endsWith("description") || field.name.includes("price")) field.value = "";
      });
      total.value = index + 1;
      body.append(row);
    }));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); openDialog(link.href); return; }
    const copy = event.target.closest("[data-copy]");
    if (copy) { navigator.clipboard?.writeText(copy.dataset.copy); copy.classList.add("is-on"); return; }
    if (event.target.closest("[data-print]")) { window.print(); return; }
    const chip = event.target.closest("[data-filter] [data-kind]");
    if (chip) {
      $$("[data-filter] [data-kind]").forEach((other) => other.classList.toggle("is-on", other === chip));
      const kinds = chip.dataset.kind.split(" ").filter(Boolean);
      $$("[data-event]").forEach((item) => { item.hidden = kinds.length > 0 && !kinds.includes(item.dataset.event); });
    }
  });

  // The dialogs of the users' buttons are plain boxes: the keyboard goes into one that opens, and stays while it is open.
  const stopsIn = (box) => $$("a[href], button, input:not([type=hidden]), select, textarea", box).filter((stop) => stop.offsetParent);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "modal-content") setTimeout(() => stopsIn(event.target)[0]?.focus(), 50);
  });
  document.addEventListener("keydown", (event) => {
    const box = $("#modal-content"), stops = box?.offsetParent ? stopsIn(box) : [];
    if (event.key !== "Tab" || !stops.length) return;
    const at = stops.indexOf(document.activeElement), end = event.shiftKey ? 0 : stops.length - 1;
    if (at !== -1 && at !== end) return;
    event.preventDefault();
    stops[event.shiftKey ? stops.length - 1 : 0].focus();
  });

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    setTimeout(() => { delete event.target.dataset.sent; }, 4000);
  });

  function step(by) {
    const rows = $$("[data-row]");
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.classList.contains("is-current"));
    rows[now]?.classList.remove("is-current");
    const row = rows[Math.min(Math.max(now + by, 0), rows.length - 1)];
    row.classList.add("is-current");
    row.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    Enter: () => { const row = $("[data-row].is-current"); if (row) location.assign(row.dataset.href); },
    n: () => { const next = $("[data-next-case]") || $("[data-queue] [data-row] a"); if (next) location.assign(next.href); },
    m: () => { const moves = $("[data-key-details=m]"); if (moves) { moves.open = !moves.open; $("a, summary", moves)?.focus(); } },
    p: () => { const money = $("[data-key-focus=p]"); money?.scrollIntoView({ block: "start" }); money?.focus(); },
    "?": () => $("#mv-keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); return; }
    const target = $(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("a")) target.click();
    else if (target.matches("input[type=radio]")) { target.click(); $("#mv-text")?.focus(); }
    else target.focus();
  });

  document.addEventListener("DOMContentLoaded", () => {
    prepareLines(document);
    $$("#mv-keys [data-close]").forEach((button) => button.addEventListener("click", () => button.closest("dialog").close()));
  });
})();
