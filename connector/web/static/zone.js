/* Tells the server in which zone this browser's clock runs, so that the next page tells times by it. */
"use strict";

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || !/^[A-Za-z0-9_+/-]+$/.test(zone) || document.cookie.split("; ").includes("browser_zone=" + zone)) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = "browser_zone=" + zone + "; path=/; max-age=31536000; samesite=lax" + secure;
})();
