"use strict";
(function () {
  function key(cell) {
    if (!cell) return ""; // a row cut short by what somebody typed
    var raw = cell.getAttribute("data-value");
    if (raw !== null) return Number(raw);
    return cell.textContent.trim().toLowerCase();
  }
  function sortBy(table, column, button) {
    var header = button.parentElement;
    var down = header.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("thead th").forEach(function (th) { th.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (a, b) {
      var x = key(a.cells[column]), y = key(b.cells[column]);
      if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
      var order = typeof x === "number" ? x - y : x.localeCompare(y);
      return down ? -order : order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }
  function copyTable(table, button) {
    var lines = Array.prototype.map.call(table.rows, function (row) {
      return Array.prototype.map.call(row.cells, function (cell) {
        var text = cell.textContent.trim();
        // A spreadsheet would run a cell that starts like a formula.
        return /^[=+\-@\t\r]/.test(text) && isNaN(Number(text)) ? "'" + text : text;
      }).join("\t");
    }).join("\n");
    var area = document.createElement("textarea");
    area.value = lines;
    document.body.appendChild(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.textContent = "Copied";
    window.setTimeout(function () { button.textContent = "Copy table"; }, 1500);
  }
  document.querySelectorAll("table.so-table").forEach(function (table) {
    if (!table.tBodies.length || table.tBodies[0].rows.length < 2) return;
    table.querySelectorAll("thead th").forEach(function (th, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = th.textContent;
      th.textContent = "";
      th.appendChild(button);
      button.addEventListener("click", function () { sortBy(table, column, button); });
    });
    var copy = document.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.textContent = "Copy table";
    copy.addEventListener("click", function () { copyTable(table, copy); });
    (table.closest(".scroll") || table).insertAdjacentElement("afterend", copy);
  });
  // The first sentence of a long answer is what ten seconds are for; what qualifies it is set smaller.
  document.querySelectorAll(".answer .so-lead").forEach(function (lead) {
    var whole = lead.textContent;
    var first = whole.length > 160 && /^.{40,}?\.(?= [A-Z\u201c])/.exec(whole);
    if (!first) return;
    var rest = document.createElement("span");
    rest.className = "rest";
    rest.textContent = whole.slice(first[0].length + 1);
    lead.textContent = first[0] + " ";
    lead.appendChild(rest);
  });
  // A line may end between the sign and the currency of an amount: held together here, so that the
  // file's own text stays what it is.
  document.querySelectorAll("main p, main p .rest, main li, main td:not(.so-num)").forEach(function (place) {
    if (place.textContent.indexOf("\u2212") < 0) return;
    Array.prototype.slice.call(place.childNodes).forEach(function (node) {
      if (node.nodeType !== Node.TEXT_NODE) return;
      var parts = node.data.split(/(\u2212[^\s\d]{1,3}\d[\d.,]*[A-Z]?)/);
      if (parts.length < 2) return;
      var whole = document.createDocumentFragment();
      parts.forEach(function (part, odd) {
        var one = odd % 2 ? document.createElement("span") : document.createTextNode(part);
        if (odd % 2) { one.className = "amount"; one.textContent = part; }
        whole.appendChild(one);
      });
      node.replaceWith(whole);
    });
  });
  // On a phone a figure fits the width and its text is small; enlarged, it scrolls sideways.
  document.querySelectorAll("figure").forEach(function (figure) {
    var enlarge = document.createElement("button");
    enlarge.type = "button";
    enlarge.className = "enlarge";
    enlarge.textContent = "Enlarge figure";
    enlarge.setAttribute("aria-pressed", "false");
    enlarge.addEventListener("click", function () {
      var large = figure.classList.toggle("large");
      figure.tabIndex = large ? 0 : -1;
      enlarge.setAttribute("aria-pressed", String(large));
    });
    figure.insertAdjacentElement("afterend", enlarge);
  });
  var box = document.getElementById("search");
  if (box) {
    // What is on the page is what is searched, the heading that a report stands under included.
    var reports = Array.prototype.map.call(document.querySelectorAll("[data-found]"), function (one) {
      var group = one.closest(".group");
      var heading = group.querySelector("h2, h3").textContent;
      var words = [one.textContent, heading, group.getAttribute("data-pack")].join(" ");
      return { place: one, words: words.toLowerCase().replace(/\s+/g, " ") };
    });
    box.addEventListener("input", function () {
      var wanted = box.value.trim().toLowerCase();
      reports.forEach(function (one) {
        one.place.classList.toggle("none", one.words.indexOf(wanted) < 0);
      });
      document.querySelectorAll(".group, details.year").forEach(function (group) {
        group.classList.toggle("none", !group.querySelector("[data-found]:not(.none)"));
      });
      document.querySelectorAll("details.year").forEach(function (year) { year.open = wanted !== ""; });
    });
  }
})();
