"use strict";

// Counts which instance answers, and follows one event stream.

const tally = new Map();
const list = document.getElementById("instances");
const button = document.getElementById("ask");
const output = document.getElementById("tally");

function show(latest) {
  list.replaceChildren(...[...tally].sort(([a], [b]) => a - b).map(([port, count]) => {
    const item = document.createElement("li");
    const times = document.createElement("b");
    times.textContent = count;
    item.append(port, times);
    item.classList.toggle("now", port === latest);
    return item;
  }));
}

async function ask(times) {
  button.disabled = true;
  let failed = 0;
  for (let i = 0; i < times; i++) {
    try {
      const response = await fetch("/whoami", { cache: "no-store" });
      const { port } = await response.json();
      tally.set(port, (tally.get(port) || 0) + 1);
      show(port);
    } catch {
      failed++;
    }
  }
  const asked = [...tally.values()].reduce((sum, count) => sum + count, 0);
  output.textContent = `${asked} answers from ${tally.size} instances` + (failed ? `, ${failed} failed` : "");
  button.disabled = false;
}

button.addEventListener("click", () => ask(8));
ask(8);

const stream = document.getElementById("stream");
const lines = [];
const events = new EventSource("/stream?interval=1000");
events.onmessage = ({ data }) => {
  const { number, port, pid } = JSON.parse(data);
  lines.push(`event ${number} from instance ${port}, process ${pid}`);
  stream.textContent = lines.slice(-3).join("\n");
};
events.onerror = () => {
  lines.push("the stream ended; the browser asks for a new one");
  stream.textContent = lines.slice(-3).join("\n");
};
