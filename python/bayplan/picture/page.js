"use strict";
// Draws what the page's data holds. Names come from files that somebody else may have written: they are only ever set as text.
const data = JSON.parse(document.getElementById("data").textContent);
const make = (tag, text, parent, kind) => {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (kind) element.className = kind;
  if (parent) parent.append(element);
  return element;
};
const svg = (tag, attributes, parent) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
};
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const cores = (amount) => `${+amount.toFixed(3)}`;
const bytes = (amount) => {
  const units = ["", "Ki", "Mi", "Gi", "Ti"];
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) { amount /= 1024; unit += 1; }
  return `${+amount.toFixed(1)}${units[unit]}`;
};
const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)} %`);
const plural = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
const section = (title, note) => {
  const box = make("section", null, document.getElementById("pictures"));
  make("h2", title, box);
  if (note) make("p", note, box, "dim");
  return box;
};

// Nodes as bays, pods as boxes: as wide as the part of the node that they ask for, coloured by workload.
function drawMap(map) {
  const box = section(map.title, "A bay is a node, a box a pod: as wide as what it asks for. A red edge: not ready, or cordoned. Click one for its details.");
  const controls = make("div", null, box, "controls");
  const by = make("select", null, make("label", "by ", controls));
  for (const name of ["cpu", "memory"]) make("option", name, by).value = name;
  const search = make("input", null, make("label", "find ", controls));
  search.type = "search";
  search.placeholder = "node, pod or workload";
  const found = make("span", "", controls, "dim");
  const legend = make("div", null, box, "legend");
  const grid = make("div", null, box, "map");
  const canvas = make("canvas", null, grid);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${map.nodes.length} nodes and ${map.pods.length} pods`);
  const details = make("div", "Click a node or a pod.", grid, "details");
  details.setAttribute("aria-live", "polite");
  const tip = make("div", "", document.body, "tip");
  tip.hidden = true;

  const [NAME, ZONE, TYPE, CPU, CPU_USED, MEMORY, MEMORY_USED, STATE] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [POD_NODE, POD_NAME, WORKLOAD, POD_CPU, POD_MEMORY, PRIORITY] = [0, 1, 2, 3, 4, 5];
  const podsOf = map.nodes.map(() => []);
  const waiting = [];
  map.pods.forEach((pod, at) => (pod[POD_NODE] < 0 ? waiting : podsOf[pod[POD_NODE]]).push(at));
  const counts = map.workloads.map(() => 0);
  map.pods.forEach((pod) => { counts[pod[WORKLOAD]] += 1; });
  const order = map.workloads.map((_, at) => at).sort((a, b) => counts[b] - counts[a] || a - b);
  // By its name, so that a workload has one colour on all pages.
  const hash = map.workloads.map((name) => [...name].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 16777619) >>> 0, 2166136261));
  const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
  const paint = (workload) => `hsl(${(hash[workload] % 3600) / 10} ${50 + (hash[workload] >>> 12) % 35}% ${(dark() ? 52 : 44) + (hash[workload] >>> 20) % 16}%)`;
  const showLegend = () => {
    legend.replaceChildren();
    for (const workload of order.slice(0, 16)) {
      const entry = make("span", null, legend);
      make("i", null, entry).style.background = paint(workload);
      entry.append(`${map.workloads[workload]} ${counts[workload]}`);
    }
    if (order.length > 16) make("span", `… and ${order.length - 16} more workloads`, legend, "dim");
  };

  const many = map.nodes.length;
  const [wide, high, gap] = many <= 60 ? [118, 40, 6] : many <= 400 ? [72, 22, 4] : many <= 1500 ? [36, 14, 3] : [18, 11, 2];
  const places = [];
  let boxes = [];
  let chosen = null;
  let matches = null;

  function layout(width) {
    places.length = 0;
    let y = 0;
    map.zones.forEach((zone, at) => {
      const nodes = map.nodes.map((_, node) => node).filter((node) => map.nodes[node][ZONE] === at);
      const title = y;
      y += 20;
      const columns = Math.max(1, Math.floor((width + gap) / (wide + gap)));
      nodes.forEach((node, nth) => {
        places[node] = { x: (nth % columns) * (wide + gap), y: y + Math.floor(nth / columns) * (high + gap) };
      });
      y += Math.ceil(nodes.length / columns) * (high + gap) + 8;
      zone.title = { y: title, text: `${zone.name}: ${plural(nodes.length, "node")}` };
    });
    return y;
  }

  function draw() {
    const width = Math.max(40, canvas.clientWidth);
    const height = layout(width);
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "12px system-ui, sans-serif";
    pen.fillStyle = color("--dim");
    map.zones.forEach((zone) => pen.fillText(zone.title.text, 0, zone.title.y + 14));
    const [all, part] = by.value === "cpu" ? [CPU, POD_CPU] : [MEMORY, POD_MEMORY];
    const [bay, line, bad] = [color("--bay"), color("--line"), `rgb(${color("--bad")})`];
    boxes = [];
    map.nodes.forEach((node, at) => {
      const { x, y } = places[at];
      pen.globalAlpha = matches && !matches.nodes.has(at) && !podsOf[at].some((pod) => matches.pods.has(pod)) ? 0.35 : 1;
      pen.fillStyle = bay;
      pen.fillRect(x, y, wide, high);
      let left = x;
      for (const pod of podsOf[at]) {
        const size = node[all] > 0 ? Math.min((map.pods[pod][part] / node[all]) * wide, x + wide - left) : 0;
        if (matches) pen.globalAlpha = matches.pods.has(pod) || matches.nodes.has(at) ? 1 : 0.15;
        // A pod that asks for nothing is seen all the same.
        const shown = Math.max(size, 0.75);
        pen.fillStyle = paint(map.pods[pod][WORKLOAD]);
        pen.fillRect(left, y + 1, size > 3 ? size - 0.6 : shown, high - 2);
        boxes.push([left, y, shown, pod]);
        left = Math.min(left + shown, x + wide - 0.5);
      }
      pen.globalAlpha = 1;
      pen.strokeStyle = node[STATE] ? bad : line;
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, wide - 1, high - 1);
      if (chosen && (chosen.node === at)) {
        pen.strokeStyle = color("--mark");
        pen.lineWidth = 2;
        pen.strokeRect(x - 1, y - 1, wide + 2, high + 2);
      }
    });
    if (chosen && chosen.pod !== undefined) {
      const one = boxes.find((each) => each[3] === chosen.pod);
      if (one) {
        pen.strokeStyle = color("--ink");
        pen.lineWidth = 2;
        pen.strokeRect(one[0], one[1] + 1, one[2], high - 2);
      }
    }
    showLegend();
  }

  function at(x, y) {
    const node = places.findIndex((place) => place && x >= place.x && x < place.x + wide && y >= place.y && y < place.y + high);
    if (node < 0) return null;
    const pods = boxes.filter((each) => podsOf[node].includes(each[3]) && x >= each[0] && x < each[0] + each[2]);
    return pods.length ? { node, pod: pods[0][3] } : { node };
  }

  const term = (list, name, value) => { make("dt", name, list); make("dd", value, list); };

  function choose(what) {
    chosen = what;
    details.replaceChildren();
    if (!what) {
      details.textContent = "Click a node or a pod.";
    } else if (what.pod !== undefined) {
      const pod = map.pods[what.pod];
      make("h3", pod[POD_NAME], details);
      const list = make("dl", null, details);
      term(list, "workload", map.workloads[pod[WORKLOAD]]);
      term(list, "cpu", cores(pod[POD_CPU]));
      term(list, "memory", bytes(pod[POD_MEMORY]));
      term(list, "priority", pod[PRIORITY]);
      make("dt", "node", list);
      const cell = make("dd", null, list);
      if (pod[POD_NODE] < 0) cell.textContent = "none: it waits";
      else make("button", map.nodes[pod[POD_NODE]][NAME], cell).onclick = () => choose({ node: pod[POD_NODE] });
    } else {
      const node = map.nodes[what.node];
      make("h3", node[NAME], details);
      const list = make("dl", null, details);
      term(list, "zone", map.zones[node[ZONE]].name);
      if (node[TYPE]) term(list, "type", node[TYPE]);
      if (node[STATE]) term(list, "state", node[STATE]);
      term(list, "cpu", `${cores(node[CPU_USED])} of ${cores(node[CPU])}`);
      term(list, "memory", `${bytes(node[MEMORY_USED])} of ${bytes(node[MEMORY])}`);
      term(list, "pods", podsOf[what.node].length);
      const pods = make("ul", null, details);
      for (const pod of podsOf[what.node]) {
        make("button", map.pods[pod][POD_NAME], make("li", null, pods)).onclick = () => choose({ node: what.node, pod });
      }
    }
    draw();
  }

  const here = (event) => {
    const frame = canvas.getBoundingClientRect();
    return at(event.clientX - frame.left, event.clientY - frame.top);
  };
  canvas.onclick = (event) => choose(here(event));
  canvas.onmousemove = (event) => {
    const what = here(event);
    tip.hidden = !what;
    if (!what) return;
    tip.textContent = what.pod === undefined ? map.nodes[what.node][NAME] : `${map.pods[what.pod][POD_NAME]} on ${map.nodes[what.node][NAME]}`;
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - 300)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  };
  canvas.onmouseleave = () => { tip.hidden = true; };
  search.oninput = () => {
    const text = search.value.trim().toLowerCase();
    matches = null;
    found.textContent = "";
    if (text) {
      const has = (name) => name.toLowerCase().includes(text);
      const workloads = new Set(order.filter((workload) => has(map.workloads[workload])));
      matches = { nodes: new Set(), pods: new Set() };
      map.nodes.forEach((node, nth) => { if (has(node[NAME])) matches.nodes.add(nth); });
      map.pods.forEach((pod, nth) => { if (workloads.has(pod[WORKLOAD]) || has(pod[POD_NAME])) matches.pods.add(nth); });
      found.textContent = `${matches.nodes.size} nodes, ${matches.pods.size} pods`;
    }
    draw();
  };
  // The first hit, for who has no pointer.
  search.onkeydown = (event) => {
    if (event.key !== "Enter" || !matches) return;
    const [node] = matches.nodes;
    const [pod] = matches.pods;
    if (node !== undefined) choose({ node });
    else if (pod !== undefined) choose({ node: map.pods[pod][POD_NODE], pod });
  };
  by.onchange = draw;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("resize", draw);
  if (waiting.length) {
    const note = make("details", null, box);
    make("summary", waiting.length === 1 ? "1 pod is on no node" : `${waiting.length} pods are on no node`, note);
    const list = make("ul", null, note);
    for (const pod of waiting.slice(0, 200)) make("button", map.pods[pod][POD_NAME], make("li", null, list), "link").onclick = () => choose({ pod });
    if (waiting.length > 200) make("li", `… and ${waiting.length - 200} more`, list);
  }
  draw();
  // Where things are, for whoever drives the page.
  window.bayplan = {
    data,
    place(kind, name) {
      const frame = canvas.getBoundingClientRect();
      if (kind === "pod") {
        const one = boxes.find((each) => map.pods[each[3]][POD_NAME] === name);
        return one && [frame.left + one[0] + one[2] / 2, frame.top + one[1] + high / 2];
      }
      const node = map.nodes.findIndex((each) => each[NAME] === name);
      const free = boxes.filter((each) => podsOf[node].includes(each[3])).reduce((end, each) => Math.max(end, each[0] + each[2]), 0);
      const x = Math.min(Math.max(free + 1, places[node].x + wide - 2), places[node].x + wide - 1);
      return [frame.left + x, frame.top + places[node].y + high / 2];
    },
  };
}

function drawBars(bars) {
  const box = section("Requested of the nodes", "Grey is before, blue is after.");
  const grid = make("div", null, box, "bars");
  for (const row of bars) {
    make("span", row.name, grid);
    const tracks = make("div", null, grid);
    for (const [share, paint] of [[row.before, "--before"], [row.after, "--after"]]) {
      const bar = make("i", null, make("div", null, tracks, "track"));
      bar.style.width = `${Math.min(100, (share ?? 0) * 100)}%`;
      bar.style.background = `var(${paint})`;
    }
    make("span", `${percent(row.before)} → ${percent(row.after)}`, grid);
  }
}

// Pods that a loss leaves without a node: a row a domain, a column a workload.
function drawHeat(heat) {
  const box = section("What each loss leaves missing", heat.note);
  const table = make("table", null, make("div", null, box, "heat"));
  const head = make("tr", null, make("thead", null, table));
  make("th", heat.by, head);
  make("th", "all", head);
  for (const name of heat.columns) make("th", name, head);
  head.querySelectorAll("th").forEach((cell) => { cell.scope = "col"; });
  const most = Math.max(1, ...heat.rows.flatMap((row) => row.cells));
  const body = make("tbody", null, table);
  for (const row of heat.rows) {
    const line = make("tr", null, body);
    make("td", row.name, line);
    make("td", row.all, line);
    for (const count of row.cells) {
      const cell = make("td", count || "", line);
      if (count) cell.style.background = `rgba(var(--bad), ${0.12 + 0.68 * Math.sqrt(count / most)})`;
    }
  }
}

// How many pods of a size fit: the larger, the fewer.
function drawCurve(curve) {
  const box = section("How many more pods fit, by their size", curve.note);
  const [width, height, left, bottom] = [760, 260, 64, 34];
  const points = curve.points.filter((point) => point[1] > 0);
  if (!points.length) { make("p", "None of any size.", box); return; }
  const frame = svg("svg", { viewBox: `0 0 ${width} ${height}`, width: "100%", role: "img", "aria-label": curve.note }, box);
  const [first, last] = [Math.log2(curve.points[0][0]), Math.log2(curve.points[curve.points.length - 1][0])];
  const top = Math.log10(Math.max(10, ...points.map((point) => point[1])));
  const x = (size) => left + ((Math.log2(size) - first) / Math.max(1e-9, last - first)) * (width - left - 16);
  const y = (count) => height - bottom - (Math.log10(Math.max(1, count)) / top) * (height - bottom - 14);
  for (let power = 0; power <= Math.ceil(top); power += 1) {
    if (10 ** power > 10 ** top) break;
    svg("line", { x1: left, x2: width - 16, y1: y(10 ** power), y2: y(10 ** power), stroke: "var(--line)" }, frame);
    svg("text", { x: left - 8, y: y(10 ** power) + 4, "text-anchor": "end" }, frame).textContent = (10 ** power).toLocaleString("en");
  }
  for (const point of curve.points) {
    svg("text", { x: x(point[0]), y: height - bottom + 16, "text-anchor": "middle" }, frame).textContent = point[2];
  }
  svg("text", { x: (left + width) / 2, y: height - 2, "text-anchor": "middle" }, frame).textContent = curve.axis;
  const path = points.map((point, at) => `${at ? "L" : "M"}${x(point[0])} ${y(point[1])}`).join(" ");
  svg("path", { d: path, fill: "none", stroke: "var(--after)", "stroke-width": 2 }, frame);
  for (const point of points) {
    const dot = svg("circle", { cx: x(point[0]), cy: y(point[1]), r: 4, fill: "var(--after)" }, frame);
    svg("title", {}, dot).textContent = `${point[1]} of ${point[2]}`;
  }
}

// Nodes by what stops a pod there.
function drawWhy(why) {
  const box = section("What stops the pod, by nodes", why.note);
  const grid = make("div", null, box, "bars");
  for (const row of why.rows) {
    make("span", row.what, grid).style.maxWidth = "420px";
    const bar = make("i", null, make("div", null, make("div", null, grid), "track"));
    bar.style.width = `${(row.nodes / Math.max(1, why.nodes)) * 100}%`;
    bar.style.background = row.fits ? "var(--after)" : `rgb(var(--bad))`;
    make("span", `${row.nodes} of ${why.nodes}`, grid);
  }
}

// Short cells stay in one line: no name breaks at a hyphen.
document.querySelectorAll(".answer td, .answer th").forEach((cell) => {
  if (cell.textContent.length <= 40) cell.style.whiteSpace = "nowrap";
});
window.bayplan = { data };
if (data.bars) drawBars(data.bars);
if (data.heat) drawHeat(data.heat);
if (data.why) drawWhy(data.why);
if (data.map) drawMap(data.map);
if (data.curve) drawCurve(data.curve);
