// Loads the page once it is there. A refresh goes nowhere from an address with a # in it, as most have.

async function isThere() {
  return fetch("/", { method: "HEAD" }).then((answer) => answer.ok, () => false);
}

while (!(await isThere())) await new Promise((done) => setTimeout(done, 300));
location.reload();
