"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const graphs = JSON.parse(one("graph-data").textContent);
  const [section, canvas, conflict, object, about] = ["graph", "canvas", "conflict", "object", "about-object"].map(one);
  const hint = "Choose an object, in the list or in the graph: what it binds to is told here.";
  let cy = null;

  const style = () => {
    const colours = getComputedStyle(document.documentElement);
    const [ink, soft, paper, raised, link, hot] =
      ["ink", "soft", "paper", "raised", "link", "critical"].map((name) => colours.getPropertyValue(`--${name}`).trim());
    const mono = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
    const box = (selector, rest) => ({ selector, style: rest });
    return [
      box("node", {
        shape: "round-rectangle", width: "data(width)", height: "data(height)", label: "data(text)",
        color: ink, "background-color": paper, "border-width": 1, "border-color": soft,
        "font-family": mono, "font-size": 10.5, "text-wrap": "wrap", "text-valign": "center", "text-halign": "center",
      }),
      box("node[kind='winner']", { "border-color": hot, "border-width": 2, color: hot }),
      box("node[kind='loser']", { "border-style": "dashed" }),
      box("node[kind='extension'], node[kind='object']", { "border-color": link }),
      box("node:selected", { "border-width": 4, "border-color": link }),
      box("edge", {
        width: 1.2, "curve-style": "bezier", "line-color": soft, "target-arrow-color": soft,
        "target-arrow-shape": "triangle", "arrow-scale": 0.8, color: hot, "font-size": 10,
        "target-label": "data(text)", "target-text-offset": 40,
        "text-background-color": raised, "text-background-opacity": 1, "text-background-padding": 2,
      }),
      box("edge[way='right']", { "source-endpoint": "50% 0%", "target-endpoint": "-50% 0%" }),
      box("edge[way='left']", { "source-endpoint": "-50% 0%", "target-endpoint": "50% 0%" }),
      box("edge[way='beside']", { "curve-style": "unbundled-bezier", "edge-distances": "endpoints",
        "control-point-distances": -90, "control-point-weights": 0.5,
        "source-endpoint": "-50% 0%", "target-endpoint": "-50% 0%" }),
      box("edge[kind='binds']", { width: 2, "line-color": hot, "target-arrow-color": hot }),
      box("edge[kind='standalone']", { "line-style": "dashed" }),
      box("edge[kind='offers']", { "line-style": "dotted" }),
      box(".far", { opacity: 0.15 }),
    ];
  };

  const verbs = {
    opens: "opens", brings: "brings in", binds: "binds to", standalone: "would bind outside httpd to",
    imports: "imports", offers: "could import",
  };
  const told = (node) => {
    const out = node.outgoers("edge").map((edge) => `${verbs[edge.data("kind")]} ${edge.target().data("label")}`
      + (edge.data("text") ? ` (${edge.data("text")})` : ""));
    const into = node.incomers("edge").map((edge) => `${edge.source().data("label")} ${verbs[edge.data("kind")]} it`
      + (edge.data("text") ? ` (${edge.data("text")})` : ""));
    return `${node.data("name")}: ${[...out, ...into].join("; ") || "no bindings"}.`;
  };

  const choose = (node) => {
    cy.elements().removeClass("far").unselect();
    object.value = node ? node.id() : "";
    about.textContent = node ? told(node) : hint;
    if (!node) return;
    node.select();
    cy.elements().not(node.closedNeighborhood()).addClass("far");
  };

  const show = () => {
    const graph = graphs[Number(conflict.value)];
    if (cy) cy.destroy();
    const bottoms = graph.elements.map((each) => (each.position ? each.position.y : 0));
    canvas.style.height = `${Math.min(Math.max(...bottoms) + 90, Math.max(innerHeight * 0.75, 300))}px`;
    cy = cytoscape({
      container: canvas, elements: graph.elements, style: style(),
      layout: { name: "preset", fit: true, padding: 24 },
      minZoom: 0.05, maxZoom: 3, autoungrabify: true, boxSelectionEnabled: false,
    });
    if (cy.zoom() > 1.3) { cy.zoom(1.3); cy.center(); }
    canvas.setAttribute("aria-label", `Graph of ${conflict.selectedOptions[0].text}: arrow keys move it, plus and minus zoom`);
    object.replaceChildren(new Option("none", ""), ...cy.nodes().map((node) => new Option(node.data("label"), node.id())));
    about.textContent = hint;
    cy.on("tap", (event) => choose(event.target === cy || event.target.isEdge() ? null : event.target));
    canvas.dataset.nodes = cy.nodes().length;
  };

  const zoom = (factor) => cy.zoom({
    level: cy.zoom() * factor, renderedPosition: { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 },
  });
  const acts = {
    in: () => zoom(1.25), out: () => zoom(0.8), whole: () => cy.fit(undefined, 24),
  };
  const keys = {
    "+": acts.in, "=": acts.in, "-": acts.out, 0: acts.whole, Escape: () => choose(null),
    ArrowLeft: () => cy.panBy({ x: 60, y: 0 }), ArrowRight: () => cy.panBy({ x: -60, y: 0 }),
    ArrowUp: () => cy.panBy({ x: 0, y: 60 }), ArrowDown: () => cy.panBy({ x: 0, y: -60 }),
  };

  section.hidden = false;
  const started = () => { if (!cy) show(); };
  new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting)) started(); },
    { rootMargin: "400px" }).observe(section);
  conflict.addEventListener("change", show);
  object.addEventListener("change", () => {
    const node = object.value ? cy.getElementById(object.value) : null;
    choose(node);
    if (node) cy.center(node);
  });
  section.addEventListener("click", (event) => {
    const name = event.target.dataset.zoom;
    if (name) acts[name]();
  });
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy && cy.style(style()));

  for (const figure of document.querySelectorAll("figure[data-conflict]")) {
    const number = graphs.findIndex((graph) => graph.anchor === figure.dataset.conflict);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "open in the graph";
    figure.querySelector("figcaption").append(" ", button);
    button.addEventListener("click", () => {
      conflict.value = number;
      show();
      section.scrollIntoView();
      conflict.focus({ preventScroll: true });
    });
  }
})();
