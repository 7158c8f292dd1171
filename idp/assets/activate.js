// The code of a printed page, which its link carries after the #: no server sees it there, and no log keeps it.
const code = document.getElementById("code");
const carried = location.hash.slice(1, 41);
if (code && /^[0-9A-Za-z-]+$/.test(carried)) {
  code.value = carried;
  history.replaceState(null, "", location.pathname + location.search);
}
