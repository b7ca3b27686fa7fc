"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const findings = all("#findings .finding");
  const groups = all(".group");
  const ranks = ["critical", "high", "medium", "low", "info"];

  document.documentElement.classList.add("scripted");

  const reveal = () => {
    const target = location.hash && one(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all(".finding:not([open]), #checks details:not([open])");
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  const copied = async (code) => {
    if (isSecureContext && navigator.clipboard) {
      await navigator.clipboard.writeText(code.textContent);
      return;
    }
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy");
  };
  for (const code of all("code.command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small copy";
    button.textContent = "copy";
    button.setAttribute("aria-label", `copy ${code.textContent}`);
    code.after(button);
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    try {
      await copied(button.previousElementSibling);
      button.textContent = "copied";
    } catch {
      button.textContent = "not copied";
    }
    setTimeout(() => { button.textContent = "copy"; }, 2000);
  });

  const form = one("filter");
  if (!form) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());

  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };
  const filter = () => {
    const severities = all("[type=checkbox]:checked", form).map((box) => box.value);
    const application = one("application").value;
    const words = one("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const { severity, affects } = finding.dataset;
      const fits = severities.includes(severity)
        && (!application || affects.split(" ").includes(application))
        && (!words.length || words.every((word) => textOf(finding).includes(word)));
      finding.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".finding:not([hidden])");
    one("shown").textContent = shown === findings.length
      ? `${shown} finding${shown === 1 ? "" : "s"}` : `${shown} of ${findings.length} findings`;
  };

  const homes = groups.map((group) => [group, all(".finding", group)]);
  const flat = document.createElement("div");
  one("findings").append(flat);
  const order = () => {
    const key = one("order").value;
    if (key === "affected") {
      for (const [group, members] of homes) group.append(...members);
    } else {
      const rank = (finding) => ranks.indexOf(finding.dataset.severity);
      const name = (finding) => finding.dataset.check;
      const sorted = homes.flatMap(([, members]) => members).sort((a, b) => (
        (key === "check" && name(a).localeCompare(name(b), "en")) || rank(a) - rank(b)));
      flat.append(...sorted);
    }
    filter();
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });
  one("order").addEventListener("change", order);
  const toggle = (open) => () => {
    for (const finding of findings) if (!finding.hidden) finding.open = open;
  };
  one("open-all").addEventListener("click", toggle(true));
  one("close-all").addEventListener("click", toggle(false));
})();
