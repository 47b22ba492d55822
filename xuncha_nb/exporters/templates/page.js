// The page without this script: numbers link to their explanation at the end, tables stand in
// their own order, the contents are links. With it, explanations come up where they are asked for.
(function () {
  const tip = document.getElementById("tip");
  const status = document.getElementById("status");
  const say = function (text) { status.textContent = text; };

  // ---- explanations: on hover, on focus, on touch; Escape closes them
  let owner = null, pinned = false, timer = 0;

  function noteOf(element) {
    const entry = document.getElementById(element.getAttribute("data-note"));
    return entry ? entry.querySelector(".note-body") : null;
  }

  function show(element, keep) {
    const note = noteOf(element);
    if (!note) return;
    hide();
    owner = element;
    pinned = keep;
    tip.textContent = "";
    tip.appendChild(note.cloneNode(true));
    tip.hidden = false;
    element.setAttribute("aria-describedby", "tip");
    place(element.getBoundingClientRect());
  }

  function place(at) {
    const room = document.documentElement.clientWidth, box = tip.getBoundingClientRect(), edge = 8;
    const left = Math.max(edge, Math.min(at.left, room - box.width - edge));
    const above = at.top - box.height - edge;
    const below = at.bottom + edge;
    const top = below + box.height > window.innerHeight && above >= 0 ? above : below;
    tip.style.left = left + window.pageXOffset + "px";
    tip.style.top = top + window.pageYOffset + "px";
  }

  function hide() {
    window.clearTimeout(timer);
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
    pinned = false;
    tip.hidden = true;
  }

  const explained = function (target) { return target.closest ? target.closest("[data-note]") : null; };

  document.addEventListener("pointerover", function (event) {
    if (event.pointerType === "touch" || pinned) return;
    window.clearTimeout(timer);
    const found = explained(event.target);
    if (found && found !== owner) timer = window.setTimeout(function () { show(found, false); }, 120);
    // The pointer may travel from the number into the explanation and rest there.
    else if (!found && owner && !tip.contains(event.target)) timer = window.setTimeout(hide, 250);
  });
  document.addEventListener("focusin", function (event) {
    const found = explained(event.target);
    if (found) show(found, false);
    else if (owner && !tip.contains(event.target)) hide();
  });
  document.addEventListener("click", function (event) {
    const found = explained(event.target);
    if (found) {
      event.preventDefault();
      if (owner === found && pinned) hide(); else show(found, true);
    } else if (owner && !tip.contains(event.target)) hide();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && owner) { event.preventDefault(); hide(); }
  });
  window.addEventListener("resize", hide);
  window.addEventListener("beforeprint", hide);

  // ---- tables: one stop of the tab key each, arrow keys from number to number
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function number(row, column) {
    const cell = row && row.cells[column];
    return cell ? cell.querySelector("[data-note]") : null;
  }

  function neighbour(link, step) {
    const cell = link.closest("td, th"), row = cell.parentNode, rows = Array.from(row.parentNode.rows);
    let r = rows.indexOf(row), c = cell.cellIndex, found = null;
    do {
      r += step[0];
      c += step[1];
      if (r < 0 || c < 0 || r >= rows.length || c >= row.cells.length) return null;
      found = number(rows[r], c);
    } while (!found);
    return found;
  }

  document.querySelectorAll(".table table").forEach(function (table) {
    const links = table.querySelectorAll("tbody [data-note]");
    links.forEach(function (link, n) { link.tabIndex = n ? -1 : 0; });
    table.addEventListener("keydown", function (event) {
      const step = STEPS[event.key], link = event.target.closest("[data-note]");
      if (!step || !link || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const next = neighbour(link, step);
      if (!next) return;
      link.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    xunchaSorting.enable(table, say);
  });

  // ---- charts: one stop each, arrow keys from number to number; without script the table below
  // a chart has its numbers
  const ONWARD = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  document.querySelectorAll(".drawing").forEach(function (drawing) {
    const numbers = Array.from(drawing.querySelectorAll("[data-note]"));
    if (!numbers.length) return;
    drawing.setAttribute("role", "group"); // a picture may hold nothing that takes the focus
    numbers.forEach(function (number, n) {
      const name = noteOf(number).querySelector(".note-name");
      number.setAttribute("role", "button");
      number.setAttribute("aria-label", number.textContent.trim() + (name ? "，" + name.textContent.trim() : ""));
      number.setAttribute("tabindex", n ? "-1" : "0");
    });
    drawing.addEventListener("keydown", function (event) {
      const at = numbers.indexOf(event.target.closest("[data-note]"));
      if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        show(numbers[at], true);
        return;
      }
      const next = numbers[at + ONWARD[event.key]];
      if (!ONWARD[event.key]) return;
      event.preventDefault();
      if (!next) return;
      numbers[at].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  });

  // ---- contents that follow the scroll
  const marks = {};
  document.querySelectorAll(".contents a").forEach(function (link) {
    const id = decodeURIComponent(link.hash.slice(1));
    (marks[id] = marks[id] || []).push(link);
  });
  const heads = Object.keys(marks).map(function (id) { return document.getElementById(id); }).filter(Boolean);
  let current = "", waiting = false;

  function follow() {
    waiting = false;
    const line = 100;
    const end = window.pageYOffset + window.innerHeight >= document.documentElement.scrollHeight - 2;
    let at = heads.length && end ? heads[heads.length - 1].id : "";
    if (!end) heads.forEach(function (head) { if (head.getBoundingClientRect().top <= line) at = head.id; });
    if (at === current) return;
    (marks[current] || []).forEach(function (link) { link.removeAttribute("aria-current"); });
    (marks[at] || []).forEach(function (link) {
      link.setAttribute("aria-current", "location");
      const list = link.closest(".side");
      if (!list || list.scrollHeight <= list.clientHeight) return;
      list.scrollTop = link.offsetTop - list.clientHeight / 2;
    });
    current = at;
  }

  window.addEventListener("scroll", function () {
    if (!waiting) { waiting = true; window.requestAnimationFrame(follow); }
  }, { passive: true });
  follow();
})();
