// The page: history once over HTTP, then an update a second over Socket.IO.

import { Chart, clock } from "./chart.js";
import { Socket } from "./socket.js";

const REGISTRIES = ["broadcast_times", "document_states", "document_locks", "sessions", "crawls"];
const LIBRARY = ["clients", "sockets", "environ", "sids", "rooms", "callbacks", "pending_disconnect", "binary_packets", "tasks"];
const BY_THE_MINUTE = ["uss_bytes", "system_percent"];
const MB = 2 ** 20;
const RETRY_MS = 2000;
const find = (id) => document.getElementById(id);
const megabytes = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
const percent = (share) => `${share.toFixed(1)} %`;
const entries = (count) => Math.round(count).toLocaleString("en");
const charts = {};
let token = sessionStorage.getItem("token") ?? "";
let socket = null;

async function ask(path, options = {}) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(`/internal/memory/${path}`, { ...options, headers });
  if (!response.ok) throw Object.assign(new Error((await response.json()).detail ?? response.statusText), { status: response.status });
  return response.json();
}

async function start() {
  try {
    await draw_history();
  } catch (error) {
    if (error.status === 403) ask_for_token(error.message);
    else retry(error.message);
    return;
  }
  find("access").hidden = true;
  for (const id of ["main", "cleanup"]) find(id).hidden = false; // what cannot be seen must not look as if all were well
  socket?.close();
  socket = new Socket({ internal_token: token || null }, {
    connected: () => join(),
    lost: () => say_connection("Connection lost; trying again…", true),
    refused: (message) => say_connection(message, true),
    dashboard_update: update,
    alert_raised: (alert) => announce("raised", alert),
    alert_cleared: (alert) => announce("cleared", alert),
  });
}

function ask_for_token(message) {
  find("access").hidden = false;
  find("token").focus();
  say_connection(message, true);
}

function retry(message) {
  say_connection(`${message}; trying again…`, true);
  setTimeout(start, RETRY_MS);
}

async function join() {
  const answer = await socket.call("join_dashboard", {});
  say_connection(answer.success ? "Live" : answer.error, !answer.success);
}

async function draw_history() {
  const [status, { columns }] = await Promise.all([ask("status"), ask("metrics")]);
  build_charts(status);
  columns.at_s.forEach((at_s, index) => {
    for (const [name, chart] of Object.entries(charts)) chart.add(at_s * 1000, columns[name][index]);
  });
  for (const chart of Object.values(charts)) chart.draw();
  show_alerts(status.alerts);
  if (status.clock_speed !== 1) find("speed").textContent = `Times are the server's: its clock runs ${entries(status.clock_speed)} times as fast.`;
}

function build_charts({ alerts, bounds }) {
  if (charts.rss_bytes) return;
  const thresholds = Object.fromEntries(alerts.map((alert) => [alert.name, alert.threshold]));
  add_chart("memory", "rss_bytes", "Resident (RSS)", megabytes, thresholds.process_memory);
  add_chart("memory", "uss_bytes", "Its own (USS)", megabytes, null, "by the minute");
  add_chart("memory", "system_percent", "Machine", percent, thresholds.system_memory, "by the minute");
  for (const name of REGISTRIES) add_chart("registries", name, name, entries, thresholds[`registry_${name}`], `never above ${entries(bounds[name])}`);
}

function add_chart(section, name, title, format, bound, hint = "") {
  const alert = bound === null ? "" : `alert above ${format(bound)}`;
  charts[name] = new Chart(find(section), title, { bound, format, hint: [alert, hint].filter(Boolean).join(", ") });
}

function update({ at_ms, sample, last_minute, alerts, audit }) {
  for (const [name, value] of Object.entries(sample)) charts[name]?.add(at_ms, value);
  for (const name of BY_THE_MINUTE) charts[name].add(last_minute.at_s * 1000, last_minute[name]);
  for (const chart of Object.values(charts)) chart.draw();
  find("library").replaceChildren(...LIBRARY.map((name) => pair(name, sample[name])));
  show_alerts(alerts);
  show_audit(audit);
}

function show_alerts(alerts) {
  const standing = alerts.filter((alert) => alert.is_active).map((alert) => line("active", `${subject(alert)}: ${reading(alert, alert.value)}, above ${reading(alert, alert.threshold)}, since ${clock(alert.raised_at)}`));
  const past = alerts.filter((alert) => !alert.is_active && alert.times_raised).map((alert) => line("calm", `${subject(alert)}: over; raised ${alert.times_raised} ${alert.times_raised === 1 ? "time" : "times"}, last at ${clock(alert.raised_at)}`));
  const wanted = [...(standing.length ? standing : [line("calm", "None now")]), ...past];
  // Rewriting what has not changed would make a screen reader read it every second.
  const list = find("alerts");
  if (list.textContent !== wanted.map((item) => item.textContent).join("")) list.replaceChildren(...wanted);
}

function subject(alert) {
  return alert.name.replace(/^registry_/, "").replace(/_memory$/, " memory").replace("memory_growth", "growth over 10 samples");
}

function announce(what, alert) {
  find("result").textContent = `Alert ${what}: ${subject(alert)}`;
}

function show_audit(records) {
  if (!records.length) {
    find("audit").rows[0].cells[0].textContent = "Nothing removed yet";
    return;
  }
  find("audit").replaceChildren(...records.toReversed().map((record) => {
    const row = document.createElement("tr");
    for (const text of [clock(record.at_ms), record.registry, record.why, `${record.age_s.toFixed(1)} s`, record.trigger, record.key]) row.insertCell().textContent = text;
    return row;
  }));
}

async function clean_up() {
  const button = find("cleanup");
  button.disabled = true;
  try {
    const { dealt_with } = await ask("cleanup", { method: "POST" });
    const removed = Object.entries(dealt_with).filter(([, count]) => count).map(([name, count]) => `${name} ${count}`);
    find("result").textContent = `Cleaned up: ${removed.join(", ") || "nothing was due"}`;
  } catch (error) {
    find("result").textContent = `Not cleaned up: ${error.message}`;
  }
  button.disabled = false;
  button.focus();
}

function say_connection(text, isLost) {
  find("connection").textContent = text;
  find("connection").classList.toggle("lost", isLost);
}

function reading(alert, value) {
  return { bytes: megabytes, percent }[alert.unit]?.(value) ?? `${entries(value)} ${alert.unit}`;
}

function line(kind, text) {
  return Object.assign(document.createElement("li"), { className: kind, textContent: text });
}

function pair(name, value) {
  const box = document.createElement("div");
  box.append(Object.assign(document.createElement("dt"), { textContent: name.replaceAll("_", "_\u200b") }), Object.assign(document.createElement("dd"), { textContent: entries(value) }));
  return box;
}

find("cleanup").addEventListener("click", clean_up);
find("access").addEventListener("submit", (event) => {
  event.preventDefault();
  token = find("token").value;
  sessionStorage.setItem("token", token);
  start();
});
start();
