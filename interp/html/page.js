(function () {
  "use strict";
  var rows = Array.prototype.slice.call(document.querySelectorAll("details"));
  var bar = document.getElementById("filter");
  var shown = document.createElement("span");
  var choices = {};

  function element(name, text, parent) {
    var e = document.createElement(name);
    if (text) e.textContent = text;
    parent.appendChild(e);
    return e;
  }

  function addChoice(key, title) {
    var counts = {}, label = element("label", title, bar), select = element("select", "", label), order;
    rows.forEach(function (row) {
      var value = row.dataset[key] || "";
      counts[value] = (counts[value] || 0) + 1;
    });
    order = Object.keys(counts).filter(Boolean).sort(function (a, b) { return counts[b] - counts[a]; });
    element("option", "all", select).value = "";
    order.forEach(function (value) {
      element("option", value + " (" + counts[value] + ")", select).value = value;
    });
    select.addEventListener("change", apply);
    choices[key] = select;
  }

  function apply() {
    var text = search.value.toLowerCase(), count = 0;
    rows.forEach(function (row) {
      var keep = Object.keys(choices).every(function (key) {
        return !choices[key].value || row.dataset[key] === choices[key].value;
      });
      keep = keep && (!text || row.firstElementChild.textContent.toLowerCase().indexOf(text) >= 0);
      row.hidden = !keep;
      count += keep;
    });
    shown.textContent = count + " of " + rows.length + " shown";
  }

  function openAll(open) {
    rows.forEach(function (row) {
      if (!row.hidden) row.open = open;
    });
  }

  addChoice("o", "outcome");
  addChoice("e", "event");
  addChoice("s", "StreamID");
  var search = element("input", "", element("label", "text", bar));
  search.type = "search";
  search.addEventListener("input", apply);
  element("button", "open shown", bar).addEventListener("click", function () { openAll(true); });
  element("button", "close", bar).addEventListener("click", function () { openAll(false); });
  bar.appendChild(shown);
  bar.hidden = false;
  apply();
  function openTarget() {
    var row = document.getElementById(location.hash.slice(1));
    if (row && row.tagName === "DETAILS") row.open = true;
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();
})();
