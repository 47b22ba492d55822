"use strict";
// Tables that sort: numbers by value, rounds by their ordinal, other texts as Chinese sorts them.
// What is missing stays last in both directions, and a row of totals stays where it is.
const xunchaSorting = (function () {
  const DIGITS = "零一二三四五六七八九";
  const SCALES = { "": 1, "万": 1e4, "亿": 1e8 };
  const NUMBER = /^[<>约超逾近不足]*([+\-−]?)([\d,]+(?:\.\d+)?)([余多]?)(万|亿|)([余多]?)(?:个百分点|[^\d.,\-−—]{0,3})$/;
  const collator = new Intl.Collator("zh-CN", { numeric: true });

  function ordinal(text) {
    return text.replace(/第([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=[轮组届批期])/g,
      function (all, tens, ten, ones) {
        if (!ten) return "第" + DIGITS.indexOf(tens || ones || "零");
        return "第" + (10 * (tens ? DIGITS.indexOf(tens) : 1) + (ones ? DIGITS.indexOf(ones) : 0));
      });
  }

  // What a cell sorts by: null when there is nothing in it, a number, or a text.
  function key(text) {
    const clean = text.replace(/\s/g, "");
    if (!clean || clean === "—") return null;
    const match = NUMBER.exec(clean);
    if (!match) return ordinal(clean);
    const size = parseFloat(match[2].replace(/,/g, "")) * SCALES[match[4]];
    return match[1] && match[1] !== "+" ? -size : size;
  }

  function compare(a, b) {
    const numbers = (typeof a === "number") - (typeof b === "number");
    if (numbers) return -numbers;
    return typeof a === "number" ? a - b : collator.compare(a, b);
  }

  function sort(body, column, direction) {
    const rows = Array.from(body.rows);
    const keyed = [], missing = [], fixed = [];
    rows.forEach(function (row) {
      if (row.hasAttribute("data-total")) { fixed.push(row); return; }
      const cell = row.cells[column];
      const value = cell ? key(cell.textContent) : null;
      if (value === null) missing.push(row); else keyed.push([value, row]);
    });
    keyed.sort(function (a, b) { return direction * compare(a[0], b[0]); });
    body.append.apply(body, keyed.map(function (k) { return k[1]; }).concat(missing, fixed));
  }

  function restore(body, order) { body.append.apply(body, order); }

  function enable(table, say) {
    const body = table.tBodies[0];
    const order = Array.from(body.rows);
    if (order.filter(function (r) { return !r.hasAttribute("data-total"); }).length < 3) return;
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      if (head.hasAttribute("data-plain")) return;
      const name = head.textContent.trim();
      // No <button>: Chromium leaves buttons out of the heads that it repeats on paper.
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.className = "sort";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        button.click();
      });
      button.addEventListener("click", function () {
        const now = head.getAttribute("aria-sort");
        // Numbers are most asked for from the largest down.
        const first = head.classList.contains("right") ? "descending" : "ascending";
        const second = first === "ascending" ? "descending" : "ascending";
        const next = now === "none" ? first : now === first ? second : "none";
        heads.forEach(function (h) { if (h.hasAttribute("aria-sort")) h.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", next);
        if (next === "none") restore(body, order);
        else sort(body, column, next === "ascending" ? 1 : -1);
        say(next === "none" ? "已恢复原来的顺序" : "已按“" + name + "”" + (next === "ascending" ? "从小到大" : "从大到小") + "排列");
      });
    });
  }

  return { enable: enable, key: key, compare: compare };
})();
