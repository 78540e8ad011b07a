// Puts the page together: who one is, where one is, and what to fetch when something changed.

import { act, get, inOrder, listen } from "./api.js";
import { drawBar, setTheme, tick } from "./bar.js";
import { Composer } from "./composer.js";
import { $, avatar, h, icon, redraw, settled } from "./dom.js";
import { drawGuide, finish, startGuide } from "./guide.js";
import { drawHome } from "./home.js";
import { followTraffic } from "./inspector.js";
import { MessageList } from "./messages.js";
import { showModals } from "./modal.js";
import { closePanel } from "./panel.js";
import { openPerson } from "./person.js";
import { drawSidebar, markSeen } from "./sidebar.js";
import { appPlace, byHandle, isApp, load, me, placeName, state } from "./store.js";
import { showThread, threadIn } from "./thread.js";

const here = { channel: "", home: false };
let list = null;
let shownAs = "";
let composer = null;
const newestMessages = inOrder();
const newestScreen = inOrder();

// -- where one is: #/maria/kudos, so that a window keeps its person and place -----------------------

function address() {
  const place = state.places.get(here.channel);
  const name = here.home ? "home" : place?.direct ? here.channel : place?.name ?? "";
  return `#/${me().handle}/${name}`;
}

function readAddress() {
  const [, handle = "", name = ""] = /^#\/([^/]*)\/?(.*)$/.exec(location.hash) ?? [];
  return { handle, name: decodeURIComponent(name) };
}

function placeCalled(name) {
  const places = [...state.places.values()];
  return places.find((place) => place.id === name || (place.name && place.name === name));
}

async function become(id, name = "") {
  const place = state.places.get(here.channel);
  const keep = name || (here.home ? "home" : place && !place.direct ? place.name : "");
  closePanel();
  await load(id);
  markSeen();
  await go(keep === "home" ? { home: true } : { channel: (placeCalled(keep) ?? placeCalled(state.first_channel) ?? [...state.places.values()][0])?.id });
  drawAll();
  await showScreen();
}

async function go({ channel = here.channel, home = false }) {
  if (me().deleted) return showGone();
  if (channel && !state.places.has(channel)) await load();
  Object.assign(here, { channel, home });
  history.replaceState(null, "", address());
  $("frame").classList.remove("with-side");
  markSeen(here.home ? "" : channel);
  drawHead();
  drawSidebar(here);
  if (home) {
    await act({ verb: "open_home", as: state.me });
    await showScreen();
  } else await showMessages();
}

// -- drawing -----------------------------------------------------------------------------------------

function showGone() {
  Object.assign(here, { channel: "", home: false });
  shownAs = "";
  history.replaceState(null, "", address());
  $("scroll").replaceChildren(h("div", { class: "home empty" }, avatar(state.me, 96),
    h("h2", {}, `${me().name} is deactivated`),
    h("p", {}, "They cannot sign in any more, so there is nothing to see or do as them."),
    h("p", {}, "As somebody else, try to award them a badge and see what Laurel says.".replace("Laurel", state.app.name))));
  return undefined;
}

function drawAll() {
  document.title = `${state.team} · playground`;
  drawBar(become);
  drawHead();
  drawSidebar(here);
  drawGuide();
}

function drawHead() {
  const { deleted } = me();
  $("head").hidden = $("composer").hidden = $("guide").hidden = deleted;
  if (deleted) return;
  const place = state.places.get(here.channel);
  const app = here.home || place?.others.some(isApp);
  const title = here.home ? state.app.name : placeName(place);
  const tab = (name, current, run) => h("button", { role: "tab", type: "button", "aria-selected": String(current), onclick: run }, name);
  const sign = app ? avatar(state.app.user, 24) : place?.direct ? avatar(place.others[0] ?? state.me, 24) : icon(place?.private ? "lock" : "hash", 20);
  redraw($("head"),
    h("h1", {}, sign, h("span", {}, app ? state.app.name : title)),
    app && state.app.home ? h("div", { role: "tablist", class: "tabs", "aria-label": state.app.name },
      tab("Home", here.home, () => go({ home: true })), tab("Messages", !here.home, openApp))
      : h("span", { class: "count" }, place && !place.direct ? [icon("group", 16), ` ${place.people}`] : ""));
  $("composer").hidden = here.home;
  const mute = app && !state.app.answers;
  $("guide").hidden = here.home;
  composer.at({
    channel: here.channel,
    placeholder: mute ? `${title} tells you things here, and does not read along.` : `Message ${place?.direct ? title : `#${title}`}…`,
    mute,
    files: Boolean(place?.direct),
  });
}

async function openApp() {
  if (!appPlace()) {
    await act({ verb: "direct", as: state.me, other: state.app.user });
    await load();
  }
  await go({ channel: appPlace().id });
}

async function showMessages() {
  const { channel } = here;
  if (!channel || here.home) return;
  const found = await newestMessages(get("messages", { as: state.me, channel }));
  if (!found || channel !== here.channel || here.home) return;
  const key = `${state.me} ${channel}`;
  const fresh = shownAs !== key;
  if (fresh) {
    list = new MessageList($("scroll"));
    shownAs = key;
  }
  list.show(found.messages, intro());
  if (fresh) list.toEnd();
}

function intro() {
  const place = state.places.get(here.channel);
  const name = placeName(place);
  return h("div", { class: "intro" }, place.direct
    ? h("p", {}, "This is the beginning of the conversation with ", h("b", {}, name), ".")
    : h("p", {}, "This is the very beginning of ", h("b", {}, `#${name}`), "."));
}

async function showScreen() {
  if (!state.me) return;
  const found = await newestScreen(get("screen", { as: state.me }));
  if (!found) return;
  showModals(found.modals);
  if (!here.home) return;
  drawHome($("scroll"), found.home);
  shownAs = "home";
}

// -- what changed ------------------------------------------------------------------------------------

const reload = settled(() => following(async () => {
  await load();
  if (!here.home) markSeen(here.channel);
  drawAll();
}), 60);

// Where something could not be fetched, say so until everything could.
async function following(...works) {
  try {
    await Promise.all(works.map((work) => work()));
    return true;
  } catch (error) {
    console.warn(error);
    hearing(false);
    again();
    return false;
  }
}

const again = settled(() => everything(), 2000);

function hearing(well) {
  if ($("lost").hidden === well) return;
  $("lost").hidden = well;
  $("lost").textContent = well ? "" : "The playground does not answer. What you see may be out of date; the page tries again by itself.";
}

function changed(changes) {
  const kinds = new Set(changes.map(([kind]) => kind));
  const works = [];
  if (changes.some(([kind, key]) => (kind === "message" && key === here.channel) || kind === "file" || kind === "clock")) works.push(showMessages);
  if (changes.some(([kind, key]) => kind === "message" && threadIn(key))) works.push(showThread);
  if (changes.some(([kind, key]) => kind === "view" && key === state.me)) works.push(showScreen);
  if (kinds.has("traffic")) works.push(followTraffic);
  if (works.length) following(...works);
  if (kinds.has("clock")) finish("clock");
  if (["user", "channel", "group", "message", "clock", "weather"].some((kind) => kinds.has(kind))) reload();
}

async function everything() {
  if (!state.me) return;
  const well = await following(async () => {
    await load();
    drawAll();
    await Promise.all([showMessages(), showScreen(), followTraffic()]);
  });
  if (well) hearing(true);
}

// -- what people click, wherever it stands -----------------------------------------------------------

async function directWith(id) {
  const done = await act({ verb: "direct", as: state.me, other: id });
  if (done.channel) await go({ channel: done.channel });
}

const onPerson = { message: directWith, become, fill: (text) => composer.fill(text) };

async function clicked(event) {
  const target = event.target.closest("[data-person], [data-permalink], a[href^='#']");
  if (!target) return;
  if (target.dataset.person) {
    event.preventDefault();
    openPerson(target.dataset.person, onPerson);
  } else if (target.dataset.permalink) {
    event.preventDefault();
    await openPermalink(target.dataset.permalink);
  } else {
    const [kind, key] = target.getAttribute("href").slice(1).split("=");
    if (!["channel", "direct", "home", "app"].includes(kind)) return;
    event.preventDefault();
    if (kind === "channel" && state.places.has(key)) await go({ channel: key });
    else if (kind === "direct") await directWith(key);
    else if (kind === "home") await go({ home: true });
    else if (kind === "app") await openApp();
    if (window.matchMedia("(max-width: 760px)").matches) $("scroll").focus();
  }
}

async function openPermalink(url) {
  const [, channel, digits] = /archives\/([A-Z0-9]+)\/p(\d+)/.exec(url) ?? [];
  if (!state.places.has(channel)) return;
  await go({ channel });
  const ts = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  const node = document.querySelector(`[data-ts="${ts}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("found");
  node?.focus();
}

// F6 goes round the parts of the page, as in a desktop program.
function goRound(event) {
  if (event.key === "Escape" && $("frame").classList.contains("with-side")) $("frame").classList.remove("with-side");
  if (event.key !== "F6") return;
  event.preventDefault();
  const stops = [
    ["side", $("side").querySelector("[aria-current]") ?? $("side").querySelector("a")], ["scroll", $("scroll")],
    ["composer", $("composer-text")], ["panel", $("panel").querySelector("button")], ["bar", $("clock")],
  ].filter(([, stop]) => stop && !stop.disabled && stop.checkVisibility({ visibilityProperty: true }));
  const at = stops.findIndex(([part]) => $(part).contains(document.activeElement));
  const to = event.shiftKey ? (at < 0 ? stops.length : at) - 1 : at + 1;
  stops.at(to % stops.length)[1].focus();
}

// -- beginning ---------------------------------------------------------------------------------------

async function begin() {
  const theme = localStorage.getItem("theme");
  if (theme) setTheme(theme);
  composer = new Composer($("composer"));
  await load("");
  startGuide(async (step) => {
    const place = placeCalled(step.channel);
    if (place && (here.home || here.channel !== place.id)) await go({ channel: place.id });
    composer.fill(step.fill);
  });
  const { handle, name } = readAddress();
  // A form that was open when the page was left is gone, as in Slack.
  const who = byHandle(handle) ?? me();
  if (!who.deleted) await act({ verb: "close", as: who.id, everything: true });
  await become(byHandle(handle)?.id ?? state.me, name || state.first_channel);
  await followTraffic();
  listen(changed, settled(everything), () => hearing(false));
  setInterval(tick, 5000);
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", goRound);
  window.addEventListener("hashchange", async () => {
    const now = readAddress();
    const found = byHandle(now.handle);
    if (found && location.hash !== address()) await become(found.id, now.name);
  });
  if (document.activeElement === document.body && window.matchMedia("(min-width: 760px)").matches) composer.focus();
  document.body.dataset.ready = "true";
}

begin();
