/**
 * The script of every page: filters over the rows of a table, and all parts open on paper. It reads and writes nothing
 * but the page, and makes no request. The policy of the page names its hash.
 */
export const pageScript: string = `"use strict";
(() => {
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) opened.push(part), part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened.splice(0)) part.open = false;
  });

  const start = (form) => {
    const table = document.getElementById(form.dataset.table);
    const status = form.querySelector("[role=status]");
    const names = [...new Set(Array.from(form.elements, ({ name }) => name))].filter((name) => name && name !== "search");
    const all = table.tBodies[0].rows;
    const number = (value) => value.toLocaleString("en-US");
    let rows;
    const apply = () => {
      rows ??= Array.from(all, (row) => ({ row, text: row.textContent.toLowerCase() }));
      const given = new FormData(form);
      const words = given.get("search").toLowerCase().split(/\\s+/).filter(Boolean);
      const wanted = names.map((name) => [name, given.getAll(name).filter(Boolean)]).filter(([, values]) => values.length);
      let shown = 0;
      for (const { row, text } of rows) {
        const fits = wanted.every(([name, values]) => values.includes(row.dataset[name])) &&
          words.every((word) => text.includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        if (fits) shown++;
      }
      status.textContent = number(shown) + " of " + number(rows.length) + " " + form.dataset.unit;
      table.classList.toggle("empty", shown === 0);
    };
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    // A browser that comes back to the page restores what was entered.
    addEventListener("pageshow", () => {
      const given = new FormData(form);
      if ([...given.values()].some(Boolean)) apply();
    });
  };
  for (const form of document.querySelectorAll("form.filter")) start(form);
})();
`;
