// The index without this script is a table; with it the table filters and sorts.
(function () {
  const form = document.getElementById("filter"), words = document.getElementById("words");
  const state = document.getElementById("state"), province = document.getElementById("province");
  const count = document.getElementById("count"), none = document.getElementById("none");
  const status = document.getElementById("status"), table = document.getElementById("counties");
  // What a row is found by, gathered once: reading the table at every key would be slow.
  const rows = Array.from(table.tBodies[0].rows).map(function (row) {
    const reason = row.querySelector(".reason");
    const said = [row.cells[0], row.cells[1], row.cells[2], reason].map(function (cell) { return cell ? cell.textContent : ""; });
    return { row: row, text: said.join(" ").toLowerCase(), state: row.getAttribute("data-state"), province: row.getAttribute("data-province") };
  });
  let waiting = false;

  function apply() {
    waiting = false;
    const asked = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = state.value, where = province ? province.value : "";
    let shown = 0;
    rows.forEach(function (entry) {
      const fits = (!wanted || wanted.indexOf(entry.state) >= 0)
        && (!where || entry.province === where)
        && asked.every(function (word) { return entry.text.indexOf(word) >= 0; });
      if (fits) shown += 1;
      // Only what changes is touched.
      if (entry.row.hidden === fits) entry.row.hidden = !fits;
    });
    none.hidden = shown > 0;
    count.textContent = "显示" + shown + "个，共" + rows.length + "个";
  }

  function soon() {
    if (!waiting) { waiting = true; window.requestAnimationFrame(apply); }
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("reset", function () { window.setTimeout(soon, 0); });
  form.addEventListener("submit", function (event) { event.preventDefault(); apply(); });
  form.hidden = false;
  // A browser that comes back to the page fills the form in again.
  apply();
  xunchaSorting.enable(table, function (text) { status.textContent = text; });
})();
