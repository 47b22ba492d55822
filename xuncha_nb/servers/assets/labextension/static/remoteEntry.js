// A card per document on JupyterLab's launcher, and notebooks that run themselves when opened.
// Written by hand against JupyterLab's module federation: no build, no packages.

(() => {
  const CATEGORY = "巡察报告";
  const PICTURE =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 52">' +
    '<path d="M12 4h20l10 10v34H12z" fill="#fff" stroke="#1f4e79" stroke-width="2.5"/>' +
    '<path d="M32 4v10h10" fill="none" stroke="#1f4e79" stroke-width="2.5"/>' +
    '<path d="M18 22h18M18 28h18" stroke="#6f9bc8" stroke-width="2.5"/>' +
    '<path d="M20 42v-5M27 42V33M34 42v-7" stroke="#1f4e79" stroke-width="4"/></svg>';
  // The documents come first on the launcher, before what an engineer needs.
  const STYLE = `.jp-Launcher-content { display: flex; flex-direction: column; }
    .jp-Launcher-section:has([data-category="${CATEGORY}"]) { order: -1; }
    [data-category="${CATEGORY}"].jp-LauncherCard { width: 150px; }
    [data-category="${CATEGORY}"] .jp-LauncherCard-label,
    [data-category="${CATEGORY}"] .jp-LauncherCard-label p { height: auto; line-height: 1.5;
      overflow: visible; }`;
  let shared;

  async function module(name) {
    const versions = shared[name];
    const version = Object.keys(versions)[0];
    return (await versions[version].get())();
  }

  function documents() {
    const data = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return JSON.parse(data.xunchaDocuments ?? "[]");
  }

  // A notebook of the workspace is shown as its document: opened, it runs from top to bottom,
  // once. One that has outputs already is left alone.
  async function run(app, panel) {
    await panel.context.ready;
    await panel.sessionContext.ready;
    const cells = panel.content.model.cells;
    for (let place = 0; place < cells.length; place += 1) {
      const cell = cells.get(place);
      if (cell.type === "code" && cell.outputs.length) return;
    }
    if (panel.xunchaRan) return;
    panel.xunchaRan = true;
    app.shell.collapseLeft(); // room for the document and its panel side by side
    app.shell.activateById(panel.id);
    await app.commands.execute("notebook:run-all-cells");
    panel.content.activeCellIndex = 0;
    panel.content.outerNode.scrollTop = 0;
  }

  async function extension() {
    const { ILauncher } = await module("@jupyterlab/launcher");
    const { INotebookTracker } = await module("@jupyterlab/notebook");
    const { LabIcon } = await module("@jupyterlab/ui-components");
    const icon = new LabIcon({ name: "xuncha:document", svgstr: PICTURE });
    const plugin = {
      id: "xuncha_nb:documents",
      description: "A card per document",
      autoStart: true,
      requires: [INotebookTracker],
      optional: [ILauncher],
      activate(app, tracker, launcher) {
        const list = documents();
        const style = document.createElement("style");
        style.textContent = STYLE;
        document.head.append(style);
        const paths = new Map(list.map((item) => [`notebooks/${item.name}.ipynb`, item]));
        list.forEach((item, rank) => {
          const command = `xuncha:open-${item.name}`;
          app.commands.addCommand(command, {
            label: item.title,
            icon,
            caption: `打开“${item.title}”：选县和期间，核对数字，导出`,
            execute: async () => app.commands.execute("docmanager:open", {
              path: `notebooks/${item.name}.ipynb`, factory: "Notebook",
            }),
          });
          launcher?.add({ command, category: CATEGORY, rank });
        });
        tracker.widgetAdded.connect((_, panel) => {
          if (paths.has(panel.context.path)) {
            panel.title.caption = paths.get(panel.context.path).title;
            run(app, panel).catch((error) => console.error(error));
          }
        });
      },
    };
    return { __esModule: true, default: [plugin] };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.xuncha_nb = {
    init: async (scope) => { shared = scope; },
    get: async () => {
      const made = await extension();
      return () => made;
    },
  };
})();
