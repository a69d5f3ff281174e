"use strict";
/* What the page does beyond links and forms: keys by their place on the keyboard, news, presence, ticked rows, drafts
   kept on a conflict. Everything a person must be able to do works without this file. */
(() => {
  const $ = (one, within = document) => within.querySelector(one);
  const $$ = (all, within = document) => [...within.querySelectorAll(all)];
  document.documentElement.classList.add("js");

  // ---- saying: one region that screen readers follow
  let hush;
  function say(text, { aloud = false } = {}) {
    const place = $("#said");
    place.classList.toggle("quiet", !aloud);
    place.textContent = text;
    clearTimeout(hush);
    hush = setTimeout(() => { place.textContent = ""; }, 6000);
  }

  // ---- rows: where the keys are, which are ticked
  let at = null;
  const ticked = new Set();
  const rows = () => $$(".row");
  const current = () => $(`.row[data-row="${at}"]`) || $(".row.now");
  function go(row) {
    if (!row) return;
    $$(".row.at").forEach((one) => one.classList.remove("at"));
    row.classList.add("at");
    at = row.dataset.row;
    row.scrollIntoView({ block: "nearest" });
    $(".open", row).focus({ preventScroll: true });
  }
  function step(by) {
    const all = rows();
    const here = all.indexOf(current());
    const next = here < 0 ? all[0] : all[here + by];
    if (!next) return;
    go(next);
    if ($("#work.reading") && innerWidth > 720) $(".open", next).click();
  }
  function tickShown() {
    const bar = $("#bulk");
    if (!bar) return;
    const boxes = $$(".tick input");
    boxes.forEach((box) => { box.checked = ticked.has(box.value); });
    const count = boxes.filter((box) => box.checked).length;
    bar.classList.toggle("any", count > 0);
    $("#bulk-count").textContent = `Отмечено: ${count}`;
    bulkWants();
  }
  function bulkWants() {
    const what = $("#bulk-what");
    $$("[data-for]").forEach((one) => {
      one.classList.toggle("wanted", one.dataset.for === what.value);
      one.disabled = one.dataset.for !== what.value;
    });
  }
  let lastTick = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest(".tick input");
    if (!box) return;
    const all = $$(".tick input");
    if (event.shiftKey && lastTick) {
      const [a, b] = [all.findIndex((one) => one.value === lastTick), all.indexOf(box)].sort((x, y) => x - y);
      all.slice(Math.max(a, 0), b + 1).forEach((one) => (box.checked ? ticked.add(one.value) : ticked.delete(one.value)));
    }
    if (box.checked) ticked.add(box.value); else ticked.delete(box.value);
    lastTick = box.value;
    tickShown();
  });
  document.addEventListener("submit", (event) => { if (event.target.id === "many") ticked.clear(); });
  document.addEventListener("change", (event) => {
    const one = event.target;
    if (one.id === "bulk-what") bulkWants();
    if (one.matches("[data-submit]")) one.form.requestSubmit();
    if (one.name === "missing") $("[data-preview]", one.form)?.click();
    if (one.matches("[data-into]") && one.value) {
      const into = document.getElementById(one.dataset.into);
      into.value = into.value ? `${into.value.trimEnd()}\n\n${one.value}` : one.value;
      into.focus();
      one.value = "";
    }
  });

  // ---- keys: event.code, so that a Russian layout has them too
  const inField = (one) => one.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  function pressed(event) {
    return (event.shiftKey ? "Shift+" : "") + event.code;
  }
  function act(code) {
    const found = $$(`[data-key="${code}"]`).find((one) => one.closest("dialog") === null);
    if (!found) return false;
    if (found.matches("input")) { found.focus(); found.select(); } else found.click();
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.code === "Escape") {
      const open = event.target.closest("details[open]");
      if (open) { open.open = false; $("summary", open).focus(); } else if (inField(event.target)) event.target.blur();
      return;
    }
    if (document.body.dataset.keys === "off" || inField(event.target) || $("dialog[open]")) return;
    const code = pressed(event);
    const own = { KeyJ: () => step(1), ArrowDown: () => step(1), KeyK: () => step(-1), ArrowUp: () => step(-1),
      KeyX: () => current() && $(".tick input", current())?.click(), "Shift+Slash": () => $("#sheet")?.showModal() };
    if (code.startsWith("Arrow") && !event.target.closest(".row") && event.target !== document.body) return;
    if (code === "Enter") return;  // a focused link or button answers to it by itself
    if (own[code]) { own[code](); event.preventDefault(); } else if (act(code)) event.preventDefault();
  });
  document.addEventListener("toggle", (event) => {
    const one = event.target;
    if (!one.matches?.(".acts > details, .edit") || !one.open) return;
    $$(".acts > details[open]").forEach((other) => { if (other !== one) other.open = false; });
    $("[data-first]", one)?.focus();
  }, true);

  // ---- after a part of the page was exchanged
  document.addEventListener("htmx:afterSwap", (event) => {
    const letter = $("#letter");
    const reading = Boolean(letter?.dataset.ticket);
    const work = $("#work");
    work?.classList.toggle("reading", reading);
    $$(".row.now").forEach((row) => { row.classList.remove("now"); $(".open", row).removeAttribute("aria-current"); });
    if (reading) {
      const row = $(`.row[data-row="${letter.dataset.ticket}"]`);
      if (row) {
        row.classList.remove("moved"); row.classList.add("now"); $(".open", row).setAttribute("aria-current", "true");
        at = row.dataset.row; row.scrollIntoView({ block: "nearest" });
      }
      if (!$(".acts details[open]")) $("#subject")?.focus({ preventScroll: true });
      if (event.detail.target?.id !== "preview") scrollTo(0, 0);
    }
    fresh.clear();
    arrived();
  });
  function arrived() {
    tickShown();
    const toast = $(".toast [data-say]");
    if (toast) say(toast.dataset.say);
    if ($(".toast")) setTimeout(() => $(".toast")?.remove(), 20000);
    watch();
  }
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    say(status === 401 ? "Вход закончился. Войдите снова." : `Не получилось (${status}). Повторите; если не поможет, обновите страницу.`, { aloud: true });
  });
  document.addEventListener("htmx:sendError", () => say("Нет связи с сервером. Проверьте сеть и повторите.", { aloud: true }));

  // ---- news: rows never move by themselves; what is new waits behind a button
  const fresh = new Set();
  let source = null;
  let watched = null;
  let heard = 0;  // the history's line up to which this page knows
  let typing = false;
  function watch() {
    const work = $("#work");
    if (!("EventSource" in window) || !work) return;
    heard = Math.max(heard, Number(work.dataset.heard));
    const on = $("#letter")?.dataset.ticket || "";
    const key = `${on}:${typing}`;
    if (source && watched === key) return;
    source?.close();
    watched = key;
    source = new EventSource(`/news?ticket=${on}&typing=${typing ? 1 : 0}&heard=${heard}`);
    source.addEventListener("changed", (event) => {
      heard = Math.max(heard, Number(event.lastEventId));
      changed(JSON.parse(event.data));
    });
    source.addEventListener("present", (event) => present(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) say("Новости прервались: возможно, вход закончился. Обновите страницу.", { aloud: true });
    });
    source.addEventListener("fetching", (event) => fetching(JSON.parse(event.data)));
    source.addEventListener("counts", (event) => counted(JSON.parse(event.data)));
  }
  function fetching(said) {
    const place = $("#unfetched");
    if (place) { place.textContent = said; place.hidden = !said; }
  }
  function counted(numbers) {
    for (const [tab, number] of Object.entries(numbers)) { const place = $(`[data-count="${tab}"]`); if (place) place.textContent = number; }
  }
  function changed(news) {
    for (const one of news) {
      const row = $(`.row[data-row="${one.ticket}"]`);
      const letter = $("#letter");
      if (letter?.dataset.ticket === String(one.ticket)) {
        if (Number(letter.dataset.version) < one.version) {
          const place = $("#stale");
          if (place) { $("b", place).textContent = one.said; place.hidden = false; }
        }
      } else if (row) row.classList.add("moved");
      else if (one.opened && one.tabs.includes($("#work").dataset.tab)) fresh.add(one.ticket);
    }
    const button = $("#fresh");
    if (button && fresh.size) {
      button.textContent = `Новых: ${fresh.size} — показать`;
      if (button.hidden) say(`Новых заявок: ${fresh.size}`);
      button.hidden = false;
    }
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("#fresh")) location.href = $(".tabs a[aria-current]")?.href || "/";
  });
  function present(people) {
    const place = $("#presence");
    if (!place) return;
    place.replaceChildren(...people.map((one) => {
      const mark = document.createElement("b");
      mark.textContent = one.typing ? `${one.name} пишет ответ` : `${one.name} тоже смотрит`;
      return mark;
    }));
  }
  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-typing]") && !typing) { typing = true; watch(); }
  });
  document.addEventListener("focusout", (event) => {
    if (typing && event.target.closest("[data-typing]")) setTimeout(() => {
      if (!document.activeElement?.closest("[data-typing]")) { typing = false; watch(); }
    }, 4000);
  });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) { watched = null; watch(); } });
  arrived();
})();
