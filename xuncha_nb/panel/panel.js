// The panel's front end: one table, three tabs. Data come as they are and are shown as text;
// nothing that a ledger holds is ever parsed as markup. No build, no network.

const STATES = {
  fault: "填写有误", broken: "有矛盾", edited: "未保存", stale: "待确认", saved: "已调整",
  follows: "随动", "": "",
};
const FILTERS = [
  ["all", "全部"], ["changed", "有改动"], ["broken", "有矛盾"], ["stale", "待确认"],
  ["missing", "缺数据"],
];
const KINDS = { bars: "横条图", columns: "竖柱图", table: "表格" };
const ORDERS = { given: "按笔记本的顺序", descending: "从大到小", ascending: "从小到大" };
const SILENCE = 12000; // milliseconds without an answer before the clerk is told

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

function fill(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map(([v, name]) => h("option", { value: v }, name)));
    select.dataset.options = wanted;
  }
  if (document.activeElement !== select) select.value = value;
}

function render({ model, el }) {
  let turn = 0;
  let waiting = null;
  const filters = { text: "", group: "", kind: "all" };
  const lines = new Map();

  // What is typed goes to the program at once; while it works on something that was typed before,
  // the latest of each figure waits for its answer. Nothing else overtakes what was typed.
  const typed = new Map();
  const unheard = new Map(); // what was sent and is not answered yet, by the message's number
  const missed = new Map(); // what was not answered in time: it may never have arrived
  let pause = 0;
  function tell(what, wait = 0) {
    const key = what.figure ?? what.chart;
    typed.delete(key);
    typed.set(key, what);
    clearTimeout(pause);
    if (wait) pause = setTimeout(next, wait);
    else next();
    show_keeping();
  }
  function next() {
    if (unheard.size || !typed.size) return;
    const [key, what] = typed.entries().next().value;
    typed.delete(key);
    unheard.set(post(what), { key, what });
  }
  // Whether the program has yet to answer what was typed of a figure: until then its rows tell
  // of the time before, and what was typed stands.
  const pending = (key) => typed.has(key) || [...unheard.values()].some((sent) => sent.key === key);
  // What is typed at this moment, and what was typed and has no answer yet, is not written over.
  const stands = (element, key) => document.activeElement === element || pending(key);
  // Answered is kept: the draft is written before the answer.
  function show_keeping() {
    panel.toggleAttribute("data-keeping", typed.size + unheard.size > 0);
  }
  function send(what) {
    settle();
    post(what);
  }
  function settle() {
    for (const [key, what] of typed) unheard.set(post(what), { key, what });
    typed.clear();
  }
  function post(what) {
    turn += 1;
    model.send({ ...what, turn });
    if (waiting === null) waiting = setTimeout(silent, SILENCE);
    return turn;
  }
  function silent() {
    waiting = null;
    for (const [number, sent] of unheard) missed.set(number, sent);
    unheard.clear();
    show_lost();
    next();
    show_keeping();
  }
  function answered(number) {
    clearTimeout(waiting);
    waiting = null;
    tell_lost(false);
    for (const sent of [unheard, missed])
      for (const each of [...sent.keys()]) if (each <= number) sent.delete(each);
    next();
    show_keeping();
  }
  // What was answered is in the draft; what was not may be gone with the page, and is shown here.
  function show_lost() {
    const last = new Map([...missed.values()].map((sent) => [sent.key, sent.what]));
    for (const [key, what] of typed) last.set(key, what);
    lost_last.replaceChildren(...[...last].map(([key, what]) =>
      h("li", {}, [named(key), what.text ?? what.title, what.reason].filter(Boolean).join("　"))));
    lost_last.hidden = last.size === 0;
    lost_told.hidden = last.size === 0;
    tell_lost(true);
  }
  function tell_lost(is) {
    lost.toggleAttribute("hidden", !is);
    panel.toggleAttribute("data-lost", is); // nothing is being kept, whatever is on its way
  }
  function named(key) {
    for (const row of model.get("rows")) {
      if (row.id === key) return row.label;
      const round = row.rounds.find((each) => each.id === key);
      if (round) return `${row.label} ${round.label}`;
    }
    return model.get("charts").find((chart) => chart.chart === key)?.name ?? key;
  }

  // -- the head: which report, opening another, exporting ----------------------------------

  const heading = h("h2", {}, "");
  const source = h("select", { "aria-label": "数据", class: "x-source" });
  const county = h("input", { "aria-label": "县（区）", class: "x-county", list: "x-counties" });
  const counties = h("datalist", { id: "x-counties" });
  const period = h("select", { "aria-label": "期间", class: "x-period" });
  const open = h("button", { class: "x-open", type: "button" }, "打开");
  const exporting = h("button", { class: "x-export x-main", type: "button" }, "导出");
  source.addEventListener("change", () => send({ do: "source", source: source.value }));
  open.addEventListener("click", () => {
    say("正在打开…");
    send({ do: "open", source: source.value, county: county.value, period: period.value });
  });
  exporting.addEventListener("click", () => {
    exporting.disabled = true;
    say("正在导出网页、PDF 和 Word，约需十几秒…");
    send({ do: "export" });
  });
  const form = h("div", { class: "x-form" },
    h("label", {}, "数据", source), h("label", {}, "县（区）", county, counties),
    h("label", {}, "期间", period), open);
  const files = h("div", { class: "x-files", hidden: true });
  const note = h("div", { class: "x-note", role: "status", hidden: true });
  const lost_told = h("div", { hidden: true }, "最后输入的这些没有送到，不在草稿里，请先记下：");
  const lost_last = h("ul", { class: "x-lost", hidden: true });
  const lost = h("div", { class: "x-alert", hidden: true },
    "程序没有回应（可能已重新启动）。没有保存的修改已存为草稿：请刷新页面或重新运行笔记本，会问您是否接着改。",
    lost_told, lost_last);
  const notices = h("div", { class: "x-notices" });

  function say(text, bad = false) {
    note.textContent = text;
    note.className = bad ? "x-note x-bad" : "x-note";
    note.toggleAttribute("hidden", !text);
  }

  // -- figures -----------------------------------------------------------------------------

  const search = h("input", { class: "x-search", type: "search",
    placeholder: "按名称或标识查找，如 谈话", "aria-label": "查找" });
  const group = h("select", { class: "x-group", "aria-label": "类别" });
  const chips = FILTERS.map(([kind, name]) => h("button", { class: "x-chip", type: "button",
    "data-kind": kind, onclick: () => { filters.kind = kind; narrow(); } }, name));
  const count = h("span", { class: "x-count" });
  const body = h("tbody");
  search.addEventListener("input", () => { filters.text = search.value.trim(); narrow(); });
  group.addEventListener("change", () => { filters.group = group.value; narrow(); });
  const table = h("table", { class: "x-table" },
    h("colgroup", {}, ...["name", "source", "before", "value", "reason", "state"].map((c) =>
      h("col", { class: `x-c-${c}` }))),
    h("thead", {}, h("tr", {}, h("th", {}, "指标"), h("th", { class: "x-r" }, "来源数"),
      h("th", { class: "x-r", title: "上年同期" }, "上年"), h("th", {}, "采用数"), h("th", {}, "改动理由"),
      h("th", {}, "状态"))), body);
  const figures = h("div", { class: "x-tab x-figures" },
    h("div", { class: "x-tools" }, search, group, ...chips, count),
    h("div", { class: "x-scroll" }, table));

  function matches(row) {
    const text = filters.text.toLowerCase();
    const inside = (r) => r.state === "edited" || r.state === "saved" || r.state === "fault";
    if (text && !(row.label.toLowerCase().includes(text) || row.id.toLowerCase().includes(text)))
      return false;
    if (filters.group && row.group !== filters.group) return false;
    switch (filters.kind) {
      case "changed":
        return ["edited", "saved", "fault", "follows", "stale"].includes(row.state)
          || row.text !== "" || row.dropped || row.rounds.some(inside);
      case "broken": return row.state === "broken" || row.state === "fault" || row.why.length > 0;
      case "stale": return row.stale !== null;
      case "missing": return row.value === "";
      default: return true;
    }
  }

  function narrow() {
    let shown = 0;
    let last = "";
    for (const row of model.get("rows")) {
      const line = lines.get(row.id);
      const fits = matches(row);
      shown += fits;
      line.element.hidden = !fits;
      line.told.hidden = !fits || !line.says;
      line.more.hidden = !fits || !line.opened;
      line.heading.hidden = !fits || row.group === last;
      if (fits) last = row.group;
    }
    for (const chip of chips)
      chip.setAttribute("aria-pressed", String(chip.dataset.kind === filters.kind));
    const rows = model.get("rows");
    for (const [index, [kind, name]] of FILTERS.entries()) {
      if (kind === "all") continue;
      const kept = filters.kind;
      filters.kind = kind;
      const number = rows.filter(matches).length;
      filters.kind = kept;
      chips[index].textContent = number ? `${name} ${number}` : name;
    }
    count.textContent = `共${rows.length}个指标，显示${shown}个`;
  }

  // An editor of one number: what is typed goes to the program at once.
  function editor(id) {
    const number = h("input", { class: "x-number", inputmode: "decimal", "aria-label": "采用数",
      "data-figure": id, autocomplete: "off" });
    const unit = h("span", { class: "x-unit" });
    const reason = h("input", { class: "x-reason", "aria-label": "理由", "data-figure": id,
      maxlength: 200, autocomplete: "off" });
    const typing = (wait) => () => tell(
      { do: "change", figure: id, text: number.value, reason: reason.value }, wait);
    number.addEventListener("input", typing(0));
    reason.addEventListener("input", typing(250));
    const back = h("button", { class: "x-link", type: "button",
      onclick: () => { send({ do: "give_up", figure: id }); } }, "还原");
    const drop = h("button", { class: "x-link", type: "button",
      onclick: () => { send({ do: "drop", figure: id }); } }, "删去");
    function update(row) {
      if (!stands(number, id)) number.value = row.text;
      if (!stands(reason, id)) reason.value = row.reason;
      number.placeholder = row.source === "" ? "没有数据" : row.source;
      reason.placeholder = row.state === "edited" || row.state === "fault" ? "理由（必填）" : "";
      unit.textContent = row.unit;
      number.classList.toggle("x-bad", row.state === "fault" || row.state === "broken");
      reason.classList.toggle("x-need", row.state === "edited" && row.text !== "" && !row.reason);
      const edited = row.state === "edited" || row.state === "fault"
        || (row.state === "broken" && row.text !== "");
      back.hidden = !edited && !row.dropped;
      drop.hidden = !(row.state === "saved");
    }
    return { number, unit, reason, back, drop, update };
  }

  function line(row) {
    const name = h("button", { class: "x-name", type: "button", "aria-expanded": "false" });
    const given = h("td", { class: "x-r" });
    const before = h("td", { class: "x-r x-dim" });
    const value = h("td", { class: "x-value" });
    const why = h("td");
    const state = h("td", { class: "x-state" });
    const badge = h("span", { class: "x-badge" });
    const parts = row.base ? editor(row.id) : null;
    const plain = h("span", { class: "x-plain" });
    if (parts) {
      value.append(h("span", { class: "x-pair" }, parts.number, parts.unit));
      why.append(parts.reason);
      state.append(badge, parts.back, parts.drop);
    } else {
      value.append(plain);
      why.append(h("span", { class: "x-dim" }, "由其他指标算出"));
      state.append(badge);
    }
    const fault = h("div", { class: "x-fault" });
    const first = h("td", {}, name);
    const told = h("tr", { class: "x-said", hidden: true }, h("td", { colspan: 6 }, fault));
    const element = h("tr", { "data-figure": row.id, class: row.base ? "x-row" : "x-row x-derived" },
      first, given, before, value, why, state);
    const details = h("td", { colspan: 6 });
    const more = h("tr", { class: "x-more", hidden: true }, details);
    const heading = h("tr", { class: "x-group-row" }, h("th", { colspan: 6 }, row.group));
    const made = { element, told, more, heading, opened: false, update, seen: "" };
    name.addEventListener("click", () => {
      made.opened = !made.opened;
      name.setAttribute("aria-expanded", String(made.opened));
      more.hidden = !made.opened;
      if (made.opened) detail(made.row);
      tell_fault(made.row);
    });
    let subs = new Map();

    function detail(now) {
      const relations = now.relations.map((r) => h("li", { class: r.holds ? "x-ok" : "x-broken" },
        `${r.holds ? "✓" : "✗"} ${r.text}${r.holds ? "" : `：${r.why}`}`));
      const ids = now.rounds.map((r) => r.id).join("\n");
      if (details.dataset.ids !== ids || !subs.size) {
        subs = new Map(now.rounds.map((r) => [r.id, editor(r.id)]));
        details.dataset.ids = ids;
        details.replaceChildren(
          h("div", { class: "x-definition" }), h("ul", { class: "x-relations" }),
          ...(now.rounds.length ? [h("div", { class: "x-dim" }, "各轮（改这里，合计跟着变）")] : []),
          ...now.rounds.map((r) => {
            const e = subs.get(r.id);
            return h("div", { class: "x-sub", "data-figure": r.id }, h("span", { class: "x-sub-name" },
              r.label), h("span", { class: "x-dim" }, `来源数 ${r.source || "没有数据"}`),
            h("span", { class: "x-pair" }, e.number, e.unit), e.reason, e.back, e.drop,
            h("span", { class: "x-fault" }));
          }));
      }
      details.querySelector(".x-definition").textContent = `口径：${now.definition}　标识：${now.id}`;
      details.querySelector(".x-relations").replaceChildren(...relations);
      for (const r of now.rounds) {
        subs.get(r.id).update(r);
        details.querySelector(`.x-sub[data-figure="${CSS.escape(r.id)}"] .x-fault`).textContent = r.fault;
      }
    }

    function update(now) {
      made.row = now;
      const text = JSON.stringify(now);
      if (text === made.seen) return;
      made.seen = text;
      name.textContent = now.label;
      name.title = now.id;
      given.textContent = now.source === "" ? "—" : now.source;
      before.textContent = now.before === "" ? "—" : now.before;
      plain.textContent = now.value === "" ? "—" : `${now.value} ${now.unit}`;
      if (parts) {
        parts.update(now);
        const carried = now.state === "follows" && now.value !== "";
        if (carried) parts.number.placeholder = now.value;
      }
      const state = now.dropped ? "未保存" : STATES[now.state] ?? "";
      badge.textContent = state;
      badge.className = `x-badge x-${now.state || "plain"}`;
      element.classList.toggle("x-touched", now.state !== "");
      tell_fault(now);
      if (made.opened) detail(now);
    }
    // Under the row, over its whole width; opened, the relations say what contradicts.
    function tell_fault(now) {
      const why = made.opened && now.relations.some((r) => !r.holds) ? "" : now.why[0];
      fault.textContent = now.fault || why || "";
      if (now.stale) {
        fault.replaceChildren(
          `来源数变了：调整时 ${now.stale.original || "没有数据"}，现在 ${now.stale.now || "没有数据"}，`
          + `调整值 ${now.stale.adjusted}。没有采用，请选择：`,
          h("button", { class: "x-link", type: "button",
            onclick: () => send({ do: "confirm", figure: now.id }) }, "仍用调整值"),
          h("button", { class: "x-link", type: "button",
            onclick: () => send({ do: "drop", figure: now.id }) }, "改用来源数"));
      }
      made.says = fault.textContent !== "";
      told.hidden = element.hidden || !made.says;
    }
    update(row);
    return made;
  }

  function show_rows() {
    const rows = model.get("rows");
    const same = rows.length === lines.size && rows.every((row) => lines.has(row.id));
    if (!same) {
      lines.clear();
      const all = document.createDocumentFragment();
      for (const row of rows) {
        const made = line(row);
        lines.set(row.id, made);
        all.append(made.heading, made.element, made.told, made.more);
      }
      body.replaceChildren(all);
      const groups = [...new Set(rows.map((row) => row.group))];
      fill(group, [["", "全部类别"], ...groups.map((g) => [g, g])], filters.group);
    } else {
      for (const row of rows) lines.get(row.id).update(row);
    }
    narrow();
  }

  // -- charts ------------------------------------------------------------------------------

  const looks = h("div", { class: "x-tab x-charts", hidden: true });
  const controls = new Map();
  function show_charts() {
    const charts = model.get("charts");
    const names = charts.map((c) => c.chart).join("\n");
    if (looks.dataset.names !== names) {
      looks.dataset.names = names;
      controls.clear();
      looks.replaceChildren(h("p", { class: "x-dim" },
        "这里只改图的样子，不改数。设置和数字的调整一起保存，批量出报告时同样采用。"));
      for (const chart of charts) looks.append(look(chart));
    }
    for (const chart of charts) controls.get(chart.chart)(chart);
  }
  function look(chart) {
    const select = (label, options) => {
      const element = h("select", { "aria-label": label });
      fill(element, options, "");
      return element;
    };
    const kind = select("样式", chart.kinds.map((k, i) => [i ? k : "", KINDS[k] ?? k]));
    const order = select("顺序", Object.entries(ORDERS).map(([k, v]) => [k === "given" ? "" : k, v]));
    const base = select("上年同期", [["", "按笔记本"], ["shown", "显示"], ["hidden", "不显示"]]);
    const title = h("input", { class: "x-title", maxlength: 40, placeholder: chart.name,
      "aria-label": "标题" });
    const choosing = (wait) => () => tell({ do: "look", chart: chart.chart, kind: kind.value,
      order: order.value, base: base.value, title: title.value.trim() }, wait);
    for (const element of [kind, order, base]) element.addEventListener("change", choosing(0));
    title.addEventListener("input", choosing(250));
    const mark = h("span", { class: "x-badge x-edited" }, "未保存");
    controls.set(chart.chart, (now) => {
      for (const [element, value] of [[kind, now.kind], [order, now.order], [base, now.base],
        [title, now.title]]) if (!stands(element, chart.chart)) element.value = value;
      mark.hidden = !now.edited;
    });
    return h("fieldset", { class: "x-look", "data-chart": chart.chart },
      h("legend", {}, chart.name, " ", mark),
      chart.kinds.length > 1 ? h("label", {}, "样式", kind) : null,
      chart.orders ? h("label", {}, "顺序", order) : null,
      chart.bases ? h("label", {}, "上年同期", base) : null,
      h("label", { class: "x-wide" }, "标题", title));
  }

  // -- history -----------------------------------------------------------------------------

  const past = h("div", { class: "x-tab x-history", hidden: true });
  function show_history() {
    const entries = model.get("history");
    const undo = h("button", { type: "button", class: "x-undo",
      onclick: () => act({ do: "undo" }) }, "撤销最近一次保存");
    past.replaceChildren(
      h("p", { class: "x-dim" }, entries.length
        ? "每次保存都记在这里，不会被改写；可以恢复到以前任何一次。" : "还没有保存过调整。"),
      entries.length ? undo : "",
      ...entries.map((entry) => h("div", { class: "x-entry", "data-number": entry.number },
        h("div", { class: "x-entry-head" }, h("strong", {}, `第${entry.number}次 ${entry.action}`),
          ` ${entry.time}　${entry.author}${entry.note ? `　${entry.note}` : ""}`,
          h("button", { class: "x-link", type: "button",
            onclick: () => act({ do: "restore", number: entry.number }) }, "恢复到这次")),
        h("ul", {}, ...entry.changes.map((text) => h("li", {}, text))))),
      entries.length ? h("div", { class: "x-entry" }, h("div", { class: "x-entry-head" },
        h("strong", {}, "没有任何调整"), h("button", { class: "x-link", type: "button",
          onclick: () => act({ do: "restore", number: 0 }) }, "恢复到最初"))) : "");
  }

  // -- the foot: saving --------------------------------------------------------------------

  const obstacles = h("ul", { class: "x-obstacles" });
  const unsaved = h("span", { class: "x-unsaved" });
  const author = h("input", { class: "x-author", placeholder: "科室或岗位", "aria-label": "填写人",
    maxlength: 30 });
  const save = h("button", { class: "x-save x-main", type: "button",
    onclick: () => act({ do: "save" }) }, "保存");
  const give_up = h("button", { class: "x-give-up", type: "button",
    onclick: () => send({ do: "give_up" }) }, "放弃修改");
  function act(what) { send({ ...what, author: author.value.trim() }); }
  const foot = h("div", { class: "x-foot" }, obstacles,
    h("div", { class: "x-bar" }, unsaved, h("span", { class: "x-keeping" }, "正在存草稿…"),
      h("span", { class: "x-space" }),
      h("label", {}, "填写人", author), give_up, save));

  const tabs = [["数字", figures], ["图", looks], ["历史", past]];
  const strip = h("div", { class: "x-strip", role: "tablist" }, ...tabs.map(([name, tab], place) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(place === 0),
      onclick: (event) => {
        for (const [, other] of tabs) other.hidden = other !== tab;
        for (const button of strip.children)
          button.setAttribute("aria-selected", String(button === event.target));
      } }, name)));

  // -- what is told above everything -------------------------------------------------------

  function show_status() {
    const status = model.get("status");
    unsaved.textContent = status.off ? "本次打开不采用调整，不能修改"
      : status.unsaved ? `${status.unsaved}处修改没有保存` : "没有未保存的修改";
    unsaved.classList.toggle("x-dirty", status.unsaved > 0);
    obstacles.replaceChildren(...status.obstacles.map((text) => h("li", {}, text)));
    obstacles.hidden = status.obstacles.length === 0;
    save.disabled = status.off || !status.unsaved;
    give_up.hidden = !status.unsaved;
    if (!author.value) author.value = status.author;
    const told = [];
    if (status.draft) told.push(h("div", { class: "x-alert" }, status.draft));
    if (status.fault) told.push(h("div", { class: "x-alert" },
      `调整文件不能识别，本次没有采用任何调整：${status.fault}`));
    status.left.forEach((left, index) => told.push(h("div", { class: "x-offer" },
      `上次有${left.count}处修改没有保存（${left.time.slice(0, 16).replace("T", " ")}）。`,
      h("button", { type: "button", onclick: () => send({ do: "take_up", index }) }, "接着改"),
      h("button", { class: "x-link", type: "button",
        onclick: () => send({ do: "forget", index }) }, "不要了"))));
    if (status.conflict.length) told.push(h("div", { class: "x-conflict" },
      h("strong", {}, "别人在您打开之后保存过，您的修改还在，没有保存。两边的不同："),
      h("table", { class: "x-table" }, h("thead", {}, h("tr", {}, ...["指标", "打开时", "别人已保存",
        "您的修改"].map((t) => h("th", {}, t)))), h("tbody", {}, ...status.conflict.map((d) =>
        h("tr", {}, ...[d.label, d.before, d.theirs, d.mine].map((t) => h("td", {}, t)))))),
      "核对后再按“保存”，会在别人的基础上加上您的修改；同一个数以您的为准。",
      h("button", { class: "x-link", type: "button", onclick: () => send({ do: "seen" }) }, "知道了")));
    const errors = status.told.filter((v) => v.severity === "error");
    if (errors.length) told.push(h("details", { class: "x-alert", open: true },
      h("summary", {}, `有${errors.length}处错误，改正以前不能导出`),
      h("ul", {}, ...errors.map((v) => h("li", {}, v.line)))));
    const warnings = status.told.filter((v) => v.severity !== "error");
    if (warnings.length) told.push(h("details", { class: "x-warn" },
      h("summary", {}, `${warnings.length}处提醒，请核对`),
      h("ul", {}, ...warnings.map((v) => h("li", {}, v.line)))));
    notices.replaceChildren(...told);
    const made = status.export;
    exporting.disabled = Boolean(made.running);
    if (made.running) {
      files.hidden = true;
    } else if (made.fault) {
      files.hidden = false;
      files.className = "x-files x-bad";
      files.replaceChildren(`没有导出：${made.fault}`);
    } else if (made.files) {
      files.hidden = false;
      files.className = "x-files";
      files.replaceChildren("已导出：", ...Object.entries(made.files).map(([kind, name]) =>
        h("button", { class: `x-link x-file-${kind}`, type: "button",
          onclick: () => send({ do: "fetch", kind }) }, kind === "html" ? `打开${name}` : `下载${name}`)),
      h("span", { class: "x-dim" }, `　保存在 ${made.folder}`),
      h("span", { class: made.same ? "x-ok" : "x-broken" },
        made.same ? "　✓ 导出的数与屏幕一致" : "　✗ 导出的数与屏幕不一致，请重新打开后再导出"));
    } else {
      files.hidden = true;
    }
  }

  function show_form() {
    const now = model.get("form");
    heading.textContent = `${now.office} ${now.period_name}`;
    const sources = now.sources.map((s) => [s.value, s.name]);
    const sample = now.sources.find((s) => s.value.startsWith("sample:")
      && s.name.endsWith(now.county));
    fill(source, sources, now.source === "sample" && sample ? sample.value : now.source);
    choose(now.counties, now.periods);
    county.value = now.county;
    period.value = now.period;
  }
  function choose(names, periods) {
    counties.replaceChildren(...names.map((name) => h("option", { value: name })));
    if (names.length) county.value = names[0];
    const kept = period.value;
    fill(period, periods.map((p) => [p.value, p.name]), kept);
    period.value = periods.some((p) => p.value === kept) ? kept : periods[0]?.value ?? "";
  }

  // -- answers -----------------------------------------------------------------------------

  function hear(answer, buffers) {
    answered(answer.turn ?? 0);
    for (const [handle, html] of Object.entries(answer.pieces ?? {})) {
      // All changed pieces at once, without waiting for the displays, which follow in the next
      // pause. The markup is our own, made by the same views as the rest of the page.
      for (const piece of document.querySelectorAll(`[data-xuncha="${CSS.escape(handle)}"]`)) {
        const fresh = document.createRange().createContextualFragment(html);
        piece.replaceWith(fresh);
      }
    }
    if (answer.fault) say(answer.fault, true);
    else if (answer.done) say(answer.done);
    else if (answer.do === "exported") say("");
    else if (answer.do !== "export" && answer.do !== "open") say("");
    if (answer.do === "source" && answer.counties) choose(answer.counties, answer.periods);
    if (answer.do === "fetch" && buffers.length) hand_over(answer, buffers[0]);
    if (answer.do === "export" && answer.fault) exporting.disabled = false;
  }
  function hand_over(answer, buffer) {
    const types = { html: "text/html;charset=utf-8", pdf: "application/pdf",
      docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document" };
    const url = URL.createObjectURL(new Blob([buffer], { type: types[answer.kind] }));
    const link = h("a", { href: url, download: answer.name });
    if (answer.kind === "html") { link.removeAttribute("download"); link.target = "_blank"; }
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }

  const panel = h("section", { class: "x-panel", "aria-label": "调整数字的面板", lang: "zh-CN" },
    h("header", { class: "x-head" },
      h("div", { class: "x-top" }, heading, h("span", { class: "x-space" }), exporting), form), lost, note, files, notices, strip, figures,
    looks, past, foot);
  el.append(panel);
  // Keys typed here are for the panel, not shortcuts of the notebook.
  panel.addEventListener("keydown", (event) => event.stopPropagation());

  const listeners = [["change:rows", show_rows], ["change:status", show_status],
    ["change:charts", show_charts], ["change:history", show_history], ["change:form", show_form],
    ["msg:custom", hear], ["comm_live_update", show_lost]];
  for (const [name, work] of listeners) model.on(name, work);
  addEventListener("pagehide", settle);
  show_form();
  show_status();
  show_rows();
  show_charts();
  show_history();
  send({ do: "hello" });
  return () => {
    removeEventListener("pagehide", settle);
    for (const [name, work] of listeners) model.off(name, work);
  };
}

export default { render };
