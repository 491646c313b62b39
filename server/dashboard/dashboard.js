// The page: history once over HTTP, then an update a second over Socket.IO.

import { Chart } from "./chart.js";
import { Socket } from "./socket.js";

const REGISTRIES = ["broadcast_times", "document_states", "document_locks", "sessions", "crawls"];
const LIBRARY = ["clients", "sockets", "environ", "sids", "rooms", "callbacks", "pending_disconnect", "binary_packets", "tasks"];
const MB = 2 ** 20;
const find = (id) => document.getElementById(id);
const megabytes = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
const entries = (count) => Math.round(count).toLocaleString("en");
const charts = {};
let token = sessionStorage.getItem("token") ?? "";
let socket = null;

async function ask(path, options = {}) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(`/internal/memory/${path}`, { ...options, headers });
  if (!response.ok) throw new Error((await response.json()).detail ?? response.statusText);
  return response.json();
}

async function start() {
  try {
    await draw_history();
  } catch (error) {
    find("access").hidden = false;
    say_connection(error.message, true);
    return;
  }
  find("access").hidden = true;
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

async function join() {
  const answer = await socket.call("join_dashboard", {});
  say_connection(answer.success ? "Live" : answer.error, !answer.success);
}

async function draw_history() {
  const [status, { columns }] = await Promise.all([ask("status"), ask("metrics")]);
  build_charts(status.bounds);
  columns.at_s.forEach((at_s, index) => {
    for (const [name, chart] of Object.entries(charts)) chart.add(at_s * 1000, columns[name][index]);
  });
  for (const chart of Object.values(charts)) chart.draw();
  show_alerts(status.alerts);
}

function build_charts(bounds) {
  if (charts.rss_bytes) return;
  charts.rss_bytes = new Chart(find("memory"), "Resident (RSS)", { bound: 1024 * MB, format: megabytes });
  charts.uss_bytes = new Chart(find("memory"), "Its own (USS), by the minute", { format: megabytes });
  charts.system_percent = new Chart(find("memory"), "Machine, by the minute", { bound: 85, format: (share) => `${share.toFixed(1)} %` });
  for (const name of REGISTRIES) charts[name] = new Chart(find("registries"), name, { bound: bounds[name], format: entries });
}

function update({ at_ms, sample, alerts, audit }) {
  for (const [name, value] of Object.entries(sample)) charts[name]?.add(at_ms, value);
  for (const chart of Object.values(charts)) chart.draw();
  find("library").replaceChildren(...LIBRARY.map((name) => pair(name, sample[name])));
  show_alerts(alerts);
  show_audit(audit);
}

function show_alerts(alerts) {
  const lines = alerts.filter((alert) => alert.is_active).map((alert) => line("active", `${alert.name}: ${reading(alert, alert.value)}, above ${reading(alert, alert.threshold)}`));
  const wanted = lines.length ? lines : [line("calm", "None")];
  // Rewriting what has not changed would make a screen reader read it every second.
  const list = find("alerts");
  if (list.textContent !== wanted.map((item) => item.textContent).join("")) list.replaceChildren(...wanted);
}

function announce(what, alert) {
  find("result").textContent = `Alert ${what}: ${alert.name}`;
}

function show_audit(records) {
  if (!records.length) return;
  find("audit").replaceChildren(...records.toReversed().map((record) => {
    const row = document.createElement("tr");
    const time = new Date(record.at_ms).toLocaleTimeString();
    for (const text of [time, record.registry, record.why, `${record.age_s.toFixed(1)} s`, record.trigger, record.key]) row.insertCell().textContent = text;
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
  if (alert.unit === "bytes") return megabytes(value);
  return `${value.toFixed(alert.unit === "percent" ? 1 : 0)} ${alert.unit === "percent" ? "%" : alert.unit}`;
}

function line(kind, text) {
  return Object.assign(document.createElement("li"), { className: kind, textContent: text });
}

function pair(name, value) {
  const box = document.createElement("div");
  box.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: entries(value) }));
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
