// Roles and accessible names of what a person can perceive, after the rules of ARIA in HTML and accname, as
// far as the app needs them. Runs in the page through the driver; changes nothing there.
const INPUT_ROLES = {
  button: "button", submit: "button", reset: "button", checkbox: "checkbox", radio: "radio", range: "slider",
  number: "spinbutton", search: "searchbox", text: "textbox", email: "textbox", url: "textbox", tel: "textbox",
};
const TAG_ROLES = {
  button: "button", summary: "button", nav: "navigation", main: "main", dialog: "dialog", ul: "list", ol: "list", menu: "list",
  li: "listitem", textarea: "textbox", progress: "progressbar", output: "status", table: "table", tr: "row", th: "columnheader",
  td: "cell", h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading", img: "image",
};
const NAMED_BY_CONTENT = new Set(["button", "link", "heading", "tab", "menuitem", "menuitemradio", "menuitemcheckbox", "option",
  "cell", "gridcell", "columnheader", "rowheader", "row", "switch", "checkbox", "radio", "tooltip", "listitem"]);

const squeeze = (text) => text.replace(/\s+/g, " ").trim();

const perceivable = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && !element.closest('[aria-hidden="true"], [inert]');

function roleOf(element) {
  const own = element.getAttribute("role");
  if (own) {
    const role = own.trim().split(/\s+/)[0];
    if (role === "alertdialog") return "dialog";
    return role === "img" ? "image" : role;
  }
  const tag = element.localName;
  if (tag === "a") return element.hasAttribute("href") ? "link" : "";
  if (tag === "input") return INPUT_ROLES[element.type] ?? (element.type === "hidden" ? "" : "textbox");
  if (tag === "section") return element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby") ? "region" : "";
  return TAG_ROLES[tag] ?? "";
}

function contentOf(element) {
  let text = "";
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") continue;
    const style = getComputedStyle(node);
    if (style.display === "none" || style.visibility === "hidden") continue;
    const part = node.getAttribute("aria-label") ?? (node.localName === "img" ? node.alt : contentOf(node));
    text += style.display.startsWith("inline") ? part : ` ${part} `;
  }
  return text;
}

function nameOf(element) {
  const ids = element.getAttribute("aria-labelledby");
  if (ids) {
    const parts = ids.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean);
    const text = squeeze(parts.map((part) => part.getAttribute("aria-label") ?? contentOf(part)).join(" "));
    if (text) return text;
  }
  const label = element.getAttribute("aria-label");
  if (label && squeeze(label)) return squeeze(label);
  if (element.labels?.length) return squeeze([...element.labels].map(contentOf).join(" "));
  if (element.localName === "img") return squeeze(element.alt);
  if (NAMED_BY_CONTENT.has(roleOf(element))) {
    const text = squeeze(contentOf(element));
    if (text) return text;
  }
  return squeeze(element.getAttribute("title") ?? element.getAttribute("placeholder") ?? "");
}

function fits(element, { role, how, what }) {
  if (roleOf(element) !== role || !perceivable(element)) return false;
  if (how === "name") return nameOf(element) === what;
  if (how === "start") return nameOf(element).startsWith(what);
  if (how === "text") return squeeze(contentOf(element)).includes(what);
  return true;
}

function findAll(path) {
  let scopes = [document];
  for (const step of path) {
    const found = new Set();
    for (const scope of scopes) for (const element of scope.querySelectorAll("*")) if (fits(element, step)) found.add(element);
    scopes = [...found];
  }
  return scopes;
}

// What a pointer must hit: a hidden native checkbox is worked through its label.
function target(element) {
  if (element.localName !== "input" || !["checkbox", "radio"].includes(element.type)) return element;
  const box = element.getBoundingClientRect();
  return box.width >= 8 && box.height >= 8 && getComputedStyle(element).opacity !== "0"
    ? element : element.closest("label") ?? element.labels?.[0] ?? element;
}

// What a person can perceive, as an indented list, for the report of a failed test.
function outline(element = document.body, depth = 0, lines = []) {
  for (const child of element.children) {
    if (!child.checkVisibility({ visibilityProperty: true }) || child.matches('[aria-hidden="true"], [inert]')) continue;
    const role = roleOf(child);
    const shown = role && role !== "presentation" && role !== "none" && role !== "rowgroup";
    if (shown && lines.length < 250) {
      const checked = child.matches("[type=checkbox], [type=radio]") ? String(child.checked) : null;
      const held = checked ?? (typeof child.value === "string" ? child.value.slice(0, 60) : "");
      const value = held ? ` = ${held}` : "";
      const own = ["alert", "status", "note", "log"].includes(role) ? squeeze(contentOf(child)) : nameOf(child);
      lines.push(`${"  ".repeat(depth)}${role} ${JSON.stringify(own.slice(0, 120))}${value}`);
    }
    outline(child, depth + (shown ? 1 : 0), lines);
  }
  return lines;
}
