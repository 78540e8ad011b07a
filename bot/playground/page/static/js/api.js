// Talking to the page's own server.

import { toast } from "./toast.js";

async function answerOf(response) {
  const body = await response.json().catch(() => ({ error: `The playground answered ${response.status}.` }));
  if (!response.ok) throw new Error(body.error ?? `The playground answered ${response.status}.`);
  return body;
}

export async function get(path, query = {}) {
  return answerOf(await fetch(`/page/${path}?${new URLSearchParams(query)}`));
}

export async function post(path, body) {
  return answerOf(await fetch(`/page/${path}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  }));
}

export async function upload(who, file) {
  const query = new URLSearchParams({ as: who, name: file.name });
  return answerOf(await fetch(`/page/upload?${query}`, {
    method: "POST", headers: { "content-type": "application/octet-stream" }, body: file,
  }));
}

// The same, for acts whose failure people should simply read.
export async function act(body) {
  try {
    const done = await post("act", body);
    if (done.problem && body.verb !== "command") {
      toast(done.why ? `That did not work: ${done.why}.` : done.problem, "bad");
    }
    return done;
  } catch (error) {
    toast(error.message, "bad");
    return { failed: true };
  }
}

// Say something with a file.
export async function share(body, file) {
  try {
    const { id } = await upload(body.as, file);
    return await act({ ...body, file: id });
  } catch (error) {
    toast(error.message, "bad");
    return { failed: true };
  }
}

// Answers may overtake one another: yields null for one that comes after the answer to a later question.
export function inOrder() {
  let asked = 0;
  let seen = 0;
  return async (answer) => {
    const turn = ++asked;
    const found = await answer;
    if (turn < seen) return null;
    seen = turn;
    return found;
  };
}

// `onOpen` is called each time the line is there, `onLost` when it breaks; the browser tries again by
// itself, save where it was refused.
export function listen(onChanges, onOpen, onLost) {
  const source = new EventSource("/page/events");
  source.addEventListener("open", onOpen);
  source.addEventListener("message", (event) => onChanges(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    onLost();
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen(onChanges, onOpen, onLost), 3000);
  });
}
