// Owns the start of the page: backend and language. Must never contain the stand-in in a built app.
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { makeQueryClient } from "./ipc/client";
import { insideTauri, tauriBackend } from "./ipc/tauri";
import "./styles/index.css";

const standIn = import.meta.env.DEV && !insideTauri();
const backend = standIn ? (await import("./test/scenes")).backendForScene(window.location.search) : tauriBackend();
const locale = (standIn && new URLSearchParams(window.location.search).get("lang")) || navigator.language || "en";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App backend={backend} client={makeQueryClient()} locale={locale} />);
